"""Of several tracks of sound, the one that somebody chose is heard."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import RenditionSetFactory, ready_cut
from tests.videos.media.conftest import X264, ffmpeg
from tests.videos.media.factories import job_of
from videos.media.errors import LeaseLost
from videos.media.jobs.actions import cancel
from videos.media.jobs.audio_tracks import audio_track_choices, audio_track_of, choose_audio_track
from videos.media.jobs.first_set import has_first
from videos.media.jobs.outcome import fail
from videos.media.jobs.tasks import transcode
from videos.media.models import Cut, Job, RenditionSet
from videos.media.renditions.sets import replace
from videos.media.transcoding.failures import Failure

MIGRATION = "0014_sets_sound_as_they_were_chosen"
migration = importlib.import_module(f"videos.media.migrations.{MIGRATION}")
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_languages(tmp_path: Path) -> Path:
    path = tmp_path / "two.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1"),
        *("-f", "lavfi", "-i", "sine=440:d=1", "-f", "lavfi", "-i", "sine=880:d=1"),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", *X264, "-c:a", "aac"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", str(path)),
    )
    return path


def test_the_default_track_is_heard_first_and_then_the_chosen_one(two_languages):
    job = job_of(two_languages)
    transcode(job.pk)
    cut = Cut.objects.get()
    assert (cut.state, audio_track_of(cut), cut.source_info["sound"]["index"]) == ("ready", 1, 1)
    assert [number for number, _words in audio_track_choices(cut)] == [1, 2]

    choose_audio_track(cut, 2, by=cut.uploaded_by)
    assert Cut.objects.get().current_set == cut.current_set  # it plays on meanwhile
    transcode(0)
    again = Cut.objects.get()
    assert (again.state, audio_track_of(again), again.source_info["sound"]["index"]) == (
        "ready",
        2,
        2,
    )
    assert again.current_set != cut.current_set
    assert RenditionSet.objects.exclude(replaced_at=None).get() == cut.current_set
    assert (cut.current_set.audio_track, again.current_set.audio_track) == (None, 2)


def another_set(cut: Cut, **fields) -> RenditionSet:
    return RenditionSetFactory(cut=cut, **fields)


def test_a_set_with_the_same_content_is_as_open_as_the_one_before_it():
    cut = ready_cut()
    RenditionSet.objects.update(is_public=True)
    new = another_set(cut)
    replace(cut.pk, new)
    assert RenditionSet.objects.get(is_public=True) == new
    assert Cut.objects.get().current_set == new


@pytest.mark.parametrize(("was", "now"), [(None, 2), (2, None), (2, 1)])
def test_a_set_that_sounds_otherwise_is_never_open_by_itself(was, now):
    cut = ready_cut()
    RenditionSet.objects.update(is_public=True, audio_track=was)
    new = another_set(cut, audio_track=now)
    replace(cut.pk, new)
    assert Cut.objects.get().current_set == new
    assert not RenditionSet.objects.filter(is_public=True).exists()


def test_a_second_set_is_not_shown_beside_another_sound():
    cut = ready_cut()
    second = another_set(cut, kind=RenditionSet.Kind.AV1)
    RenditionSet.objects.filter(pk=cut.current_set.pk).update(audio_track=2)
    with pytest.raises(LeaseLost):
        replace(cut.pk, second)
    assert Cut.objects.get().second_set is None


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_choice_that_comes_to_nothing_is_taken_back(end):
    cut = ready_cut(audio_track=2)
    job = Job.objects.create(cut=cut)
    if end == "cancelled":
        assert cancel(cut)
    else:
        assert fail(Job.objects.filter(pk=job.pk), job, Failure("damaged", "Why."))
    cut.refresh_from_db()
    assert (cut.audio_track, cut.state) == (None, Cut.State.READY)


def test_a_first_set_with_another_sound_is_none_to_go_on_from():
    cut = ready_cut()
    cut.current_set.kind = RenditionSet.Kind.FIRST
    assert has_first(cut)
    cut.audio_track = 2
    assert not has_first(cut)


def old_apps():
    """The models as the migration knows them, before fields were renamed."""
    return MigrationExecutor(connection).loader.project_state([("media", MIGRATION)]).apps


def test_sets_of_before_have_the_sound_that_was_chosen_and_not_one_that_is_being_made():
    settled, under_way, default = ready_cut(audio_track=2), ready_cut(audio_track=2), ready_cut()
    Job.objects.create(cut=under_way)
    migration.note(old_apps(), SimpleNamespace(connection=connection))
    told = dict(RenditionSet.objects.values_list("cut", "audio_track"))
    assert told == {settled.pk: 2, under_way.pk: None, default.pk: None}
    migration.forget(old_apps(), SimpleNamespace(connection=connection))
    assert set(RenditionSet.objects.values_list("audio_track", flat=True)) == {None}
