"""The second set: in AV1, beside the one a cut shows, and public exactly with it."""

import pytest
from django.template.loader import render_to_string

from tests.factories import RenditionSetFactory
from tests.videos.media.checks import tracks
from tests.videos.media.factories import job_of
from videos.media.jobs import actions, av1
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet, footage
from videos.media.renditions import sets
from videos.media.renditions.sets import publish_set, withdraw_set
from videos.media.transcoding import hls
from videos.media.transcoding.hls import picture_codec
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.probing.probe import probe

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(media) -> Cut:
    """A ready cut whose set is public."""
    transcode(job_of(media("short-sound.mp4")).pk)
    cut = Cut.objects.select_related("current_set", "video").get()
    publish_set(cut)
    return cut


def test_a_second_set_has_pictures_of_its_own_and_all_else_from_the_first(shown, tmp_path):
    assert actions.request_av1(shown)
    assert not actions.request_av1(shown)  # it waits already
    [job] = Job.objects.filter(kind="av1")
    assert job.priority == Job.Priority.LATER
    transcode(job.pk)
    cut = Cut.objects.select_related("current_set", "second_set").get()
    assert cut.current_set == shown.current_set
    second = cut.second_set
    assert (second.kind, second.is_public, cut.state) == ("av1", True, Cut.State.READY)
    assert second.renditions.get().codecs == "av01.0.00M.08,mp4a.40.2"
    whole = tmp_path / "320x180.mp4"
    parts = [f"{second.folder}/320x180/{name}" for name in ("init.mp4", "00000.m4s")]
    whole.write_bytes(b"".join(footage().open(part).read() for part in parts))
    assert tracks(whole)[0]["codec_name"] == "av1"
    for name in ("sound/00000.m4s", "poster.jpg", "storyboard.vtt"):
        with (
            footage().open(f"{shown.current_set.folder}/{name}") as one,
            footage().open(f"{second.folder}/{name}") as other,
        ):
            assert one.read() == other.read()
    assert not actions.request_av1(cut)
    first, other = (
        footage().open(f"{renditions.folder}/320x180/index.m3u8").read().decode()
        for renditions in (cut.current_set, second)
    )
    assert hls.parse(other).segments == hls.parse(first).segments


@pytest.fixture
def second(shown) -> RenditionSet:
    renditions = RenditionSetFactory(cut=shown, kind="av1")
    sets.replace(shown.pk, renditions)
    shown.refresh_from_db()
    return renditions


def test_it_is_public_exactly_when_the_current_set_is(shown, second):
    second.refresh_from_db()
    assert second.is_public
    withdraw_set(shown)
    second.refresh_from_db()
    assert not second.is_public
    publish_set(shown)
    second.refresh_from_db()
    assert second.is_public


def test_a_new_full_set_ends_it(shown, second):
    sets.replace(shown.pk, RenditionSetFactory(cut=shown))
    shown.refresh_from_db()
    second.refresh_from_db()
    assert shown.second_set is None
    assert second.replaced_at
    assert not second.is_public
    assert shown.current_set.is_public


def test_the_player_is_told_of_it_while_it_goes_with_what_is_shown(shown, second):
    def player() -> str:
        current = RenditionSet.objects.get(pk=shown.current_set_id)
        return render_to_string("media/player.html", {"video": shown.video, "set": current})

    assert f'data-av1="{second.master_url}"' in player()
    RenditionSet.objects.filter(pk=second.pk).update(is_public=False)
    assert "data-av1" not in player()


def test_a_failed_second_set_is_not_tried_for_ever_and_harms_nothing(shown, monkeypatch):
    actions.request_av1(shown)
    Job.objects.filter(kind="av1").update(state=Job.State.FAILED)
    assert not actions.request_av1(shown)
    assert Cut.objects.get().state == Cut.State.READY


def test_a_cut_that_shows_a_small_set_gets_none(shown):
    RenditionSet.objects.filter(pk=shown.current_set_id).update(kind="first")
    assert not actions.request_av1(shown)


def test_it_takes_the_rungs_that_pay(media):
    facts = probe(media("interlaced.ts"))
    assert [min(rung.width, rung.height) for rung in av1.rungs(facts)] == [576, 480, 360]
    small = probe(media("silent.webm"))
    assert av1.rungs(small) == [Rung(320, 180, 270_000)]


def test_an_av1_stream_is_named_by_its_first_file():
    assert picture_codec(b"....av1C\x81\x08\x0c\x00") == "av01.0.08M.08"
    assert picture_codec(b"....av1C\x81\x0d\x4c\x00") == "av01.0.13M.10"
    assert picture_codec(b"....avcC\x01\x64\x00\x28") == "avc1.640028"
