import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.factories import CutFactory, RenditionSetFactory, ready_cut
from tests.s3 import s3, s3_footage  # noqa: F401
from tests.videos.media.factories import set_with_files
from videos.media.admin.source_summary import source_summary
from videos.media.jobs.audio_tracks import audio_track_choices, audio_track_of
from videos.media.models import Cut, Job, Rendition, footage
from videos.planning.models import Stage
from videos.review.models import Verdict

pytestmark = pytest.mark.django_db

FACTS = {
    "width": 1920, "height": 1080, "rotation": 90, "interlaced": True, "seconds": 75.0,
    "frame_rate": "30000/1001", "constant_rate": "30000/1001", "light": "hlg",
    "sound": {"index": 1, "channels": 6},
    "tracks": [
        {"number": 1, "language": "eng", "title": "", "channels": 2, "codec": "aac",
         "default": True},
        {"number": 2, "language": "ger", "title": "Dub", "channels": 1, "codec": "opus",
         "default": False},
    ],
}  # fmt: skip


def said(response):
    return [str(message).strip() for message in get_messages(response.wsgi_request)][-1]


def page(client, cut):
    response = client.get(reverse("media_cut", args=[cut.pk]))
    assert response.status_code == 200
    return response.content.decode()


def approve(cut, by):
    Verdict.objects.create(
        cut=cut, kind=Verdict.Kind.APPROVED, sha256=cut.sha256, by=by, at=timezone.now()
    )


def test_a_cuts_page_tells_all_that_is_known_of_it(signed_in, producer):
    cut = ready_cut(source_info=FACTS, source_name="Q3 final.mov")
    Rendition.objects.create(
        set=cut.current_set, width=1280, height=720, bitrate=2_100_000, codecs="avc1", path="x"
    )
    moment = timezone.now()
    Job.objects.create(
        cut=cut, state=Job.State.FAILED, reason="The machine was interrupted.",
        started_at=moment - timedelta(seconds=75), ended_at=moment, attempts=3,
    )  # fmt: skip
    html = page(signed_in(producer), cut)
    for told in ("Q3 final.mov", cut.sha256, "2.1 Mbit/s", "The machine was interrupted.",
                 "took 1:15", "3 attempts", "Download the source", "Ready to watch"):  # fmt: skip
        assert told in html
    assert "~" in html.partition("data-hls=")[2][:120]  # plays without our cookie, too


def test_what_is_in_a_source_is_told_in_words():
    assert source_summary(FACTS) == [
        ("Picture", "1920 × 1080, interlaced (converted to progressive)"),
        ("Length", "1:15"),
        ("Frame rate", "29.97 a second"),
        ("Colours", "HDR (HLG), converted for standard screens"),
        ("Rotation", "Rotated by 90°"),
        ("Sound", "6 channels, one of 2 tracks"),
    ]
    assert source_summary({}) == []
    slow = {"frame_rate": "7/2", "constant_rate": "5", "width": 9, "height": 9, "sound": None}
    assert ("Frame rate", "3.50 a second, shown at 5") in source_summary(slow)
    assert ("Sound", "No sound") in source_summary(slow)


def test_a_cut_without_a_set_has_its_page_too(signed_in, producer):
    html = page(signed_in(producer), CutFactory(state=Cut.State.REFUSED, reason="It is a text."))
    assert "It is a text." in html
    assert "There is nothing to watch." in html


def downloads(cut):
    """Who took what of a cut home, the first first."""
    entries = ModelLogEntry.objects.for_instance(cut.video).filter(action="media.download")
    return [(entry.user, entry.message) for entry in entries.order_by("pk")]


@pytest.mark.usefixtures("disk_footage")
def test_the_source_is_for_who_may_upload_and_keeps_its_name(signed_in, producer, sales_manager):
    cut = CutFactory(source_name="Müller & Co\r\nX: y.mov")
    url = reverse("media_source", args=[cut.pk])
    response = signed_in(producer).get(url)
    assert b"".join(response.streaming_content) == b"source of a test"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "\n" not in disposition
    assert response["Content-Type"] == "application/octet-stream"
    assert "no-store" in response["Cache-Control"]
    assert downloads(cut) == [(producer, f"Downloaded the original of cut {cut.number}")]
    assert signed_in(sales_manager).get(url).status_code in {302, 403}
    signed_in(producer).head(url)
    assert len(downloads(cut)) == 1


@pytest.mark.usefixtures("disk_footage")
@pytest.mark.parametrize("name", ["???", "..", ".mov"])
def test_a_source_with_a_name_that_no_disk_takes_is_sent_under_another(signed_in, producer, name):
    url = reverse("media_source", args=[CutFactory(source_name=name).pk])
    response = signed_in(producer).get(url)
    assert response.status_code == 200
    assert re.search(r'filename="[a-z]+"', response["Content-Disposition"])


@pytest.mark.usefixtures("disk_footage")
def test_reps_take_an_approved_cut_home_and_no_other(
    signed_in, expert_user, sales_manager, finance
):
    cut = set_with_files().cut
    footage().save(f"{cut.current_set.folder}/cut.mp4", ContentFile(b"mp4"))
    cut.current_set.download = "cut.mp4"
    cut.current_set.save()
    url = reverse("review_cuts:download", args=[cut.pk])
    assert signed_in(sales_manager).get(url).status_code == 404
    assert "Download as MP4" not in page(signed_in(expert_user), cut)
    approve(cut, sales_manager)
    for user in (sales_manager, expert_user):
        response = signed_in(user).get(url)
        assert b"".join(response.streaming_content) == b"mp4"
        assert response["Content-Type"] == "video/mp4"
        assert f"-cut-{cut.number}.mp4" in response["Content-Disposition"]
        assert "Download as MP4" in page(signed_in(user), cut)
    assert signed_in(finance).get(url).status_code in {302, 403}
    Cut.objects.filter(pk=cut.pk).update(sha256="0" * 64)
    assert signed_in(sales_manager).get(url).status_code == 404
    said = f"Downloaded cut {cut.number} as MP4"
    assert downloads(cut) == [(sales_manager, said), (expert_user, said)]


def test_on_s3_a_download_is_a_signed_address_with_the_name(
    signed_in,
    producer,
    s3_footage,  # noqa: F811
):
    cut = CutFactory(source_name="talk.mov")
    name = footage().save("sources/one", ContentFile(b"source"))
    Cut.objects.filter(pk=cut.pk).update(source=name)
    response = signed_in(producer).get(reverse("media_source", args=[cut.pk]))
    assert response.status_code == 302
    assert response["Location"].startswith(s3_footage.url)
    assert "talk.mov" in urlsplit(response["Location"]).query
    assert downloads(cut) == [(producer, f"Downloaded the original of cut {cut.number}")]


def test_another_sound_is_made_while_the_cut_stays_as_it_is(signed_in, producer):
    cut = ready_cut(source_info=FACTS)
    assert audio_track_choices(cut) == [
        (1, "Track 1: English, stereo, aac (the source’s default)"),
        (2, "Track 2: Dub, German, mono, opus"),
    ]
    assert audio_track_of(cut) == 1
    client, url = signed_in(producer), reverse("media_sound", args=[cut.pk])
    assert "Use this audio track" in page(client, cut)
    client.post(url, {"track": 2})
    before = cut.current_set
    cut.refresh_from_db()
    assert (cut.audio_track, cut.state, cut.current_set) == (2, Cut.State.READY, before)
    job = Job.objects.get()
    assert (job.kind, job.state) == ("full", Job.State.QUEUED)
    assert said(client.post(url, {"track": 1})) == (
        "This cut is being made ready. Choose the audio track when that is done."
    )
    entry = ModelLogEntry.objects.get(action="media.sound")
    assert (entry.user, entry.object_id) == (producer, str(cut.video.pk))
    assert entry.data == {
        "cut": cut.number,
        "was": "Track 1: English, stereo, aac (the source’s default)",
        "now": "Track 2: Dub, German, mono, opus",
    }
    assert str(entry.message) == f"Chose the audio track of cut {cut.number}"
    assert "is not one of the available choices" in said(client.post(url, {"track": 7}))
    assert "It is being made again." in page(client, cut)


def test_a_cut_that_is_made_again_cannot_be_approved_meanwhile(signed_in, producer, sales_manager):
    cut = ready_cut(source_info=FACTS)
    cut.video.stage = Stage.REVIEW
    cut.video.save()
    signed_in(producer).post(reverse("media_sound", args=[cut.pk]), {"track": 2})
    approval = {"unwatched": "1"}
    signed_in(sales_manager).post(reverse("review_cuts:approve", args=[cut.pk]), approval)
    assert not Verdict.objects.exists()


def test_what_was_approved_sounds_as_it_did(signed_in, producer, sales_manager):
    cut = ready_cut(source_info=FACTS)
    approve(cut, sales_manager)
    response = signed_in(producer).post(reverse("media_sound", args=[cut.pk]), {"track": 2})
    assert said(response) == (
        "This cut is approved, so its audio cannot be changed. Upload a new cut instead."
    )
    assert not Job.objects.exists()
    assert Cut.objects.get().audio_track is None


def test_a_failed_cut_is_tried_again_with_the_other_sound(signed_in, producer):
    cut = CutFactory(source_info=FACTS, state=Cut.State.FAILED, reason="No sound.")
    signed_in(producer).post(reverse("media_sound", args=[cut.pk]), {"track": 2})
    cut.refresh_from_db()
    assert (cut.audio_track, cut.state) == (2, Cut.State.WAITING)
    assert Job.objects.get().state == Job.State.QUEUED


def test_a_cuts_page_asks_the_database_little(signed_in, producer, django_assert_max_num_queries):
    cut = ready_cut(source_info=FACTS)
    for number in range(5):
        Job.objects.create(cut=cut, state=Job.State.FAILED, reason=str(number))
        RenditionSetFactory(cut=cut)
    client = signed_in(producer)
    page(client, cut)
    with django_assert_max_num_queries(45):
        page(client, cut)
