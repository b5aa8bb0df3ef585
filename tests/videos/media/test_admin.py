from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.factories import CutFactory, ExpertFactory, VideoFactory, ready_cut
from tests.videos.media.factories import upload_of
from videos.media.log_actions import CAPTIONS_REMOVED
from videos.media.models import Caption, Cut, Job
from videos.media.templatetags.media import ago, length, remaining
from videos.planning.models import Stage

pytestmark = pytest.mark.django_db


def said(response) -> list[str]:
    return [str(message).strip() for message in get_messages(response.wsgi_request)]


def failed_cut(**fields) -> Cut:
    cut = CutFactory(state=Cut.State.FAILED, reason="The file is damaged.", **fields)
    Job.objects.create(cut=cut, state=Job.State.FAILED, reason=cut.reason)
    return cut


def running(cut: Cut, **fields) -> Job:
    lease = {"token": uuid4(), "lease_until": timezone.now() + timedelta(seconds=60)}
    return Job.objects.create(cut=cut, state=Job.State.RUNNING, **lease, **fields)


def test_a_producer_uploads_a_cut(signed_in, producer, media):
    video = VideoFactory(stage=Stage.EDITING)
    client = signed_in(producer)
    response = client.post(
        reverse("media_upload", args=[video.pk]), {"source": upload_of(media("silent.webm"))}
    )
    page = reverse("planning_videos:inspect", args=[video.pk])
    assert (response.status_code, response.url) == (302, f"{page}#cuts")
    assert said(response) == ["“silent.webm” is stored and is being made ready to watch."]
    assert Cut.objects.get().uploaded_by == producer
    shown = client.get(page).content.decode()
    assert "silent.webm" in shown
    assert "Next in the queue" in shown


def test_a_file_that_is_no_video_is_refused_at_once_in_words(signed_in, producer, media):
    video = VideoFactory(stage=Stage.EDITING)
    client = signed_in(producer)
    response = client.post(
        reverse("media_upload", args=[video.pk]),
        {"source": upload_of(media("playlist.mp4"))},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )
    page = reverse("planning_videos:inspect", args=[video.pk])
    assert response.json() == {"url": f"{page}#cuts"}
    assert said(response) == [
        "“playlist.mp4” is stored but cannot be used: "
        "This is a playlist, not a video. Upload the video itself."
    ]
    assert "This is a playlist, not a video" in client.get(page).content.decode()


def test_an_upload_without_a_file_asks_for_one(signed_in, producer):
    url = reverse("media_upload", args=[VideoFactory(stage=Stage.EDITING).pk])
    assert said(signed_in(producer).post(url)) == ["Choose a video file first."]
    assert not Cut.objects.exists()


def test_an_upload_is_refused_before_its_first_byte(signed_in, producer, settings):
    settings.MAX_UPLOAD_BYTES = 1000
    client = signed_in(producer)
    url = reverse("media_upload", args=[VideoFactory(stage=Stage.EDITING).pk])
    assert client.get(url, {"bytes": 1000}).json() == {"refusal": ""}
    told = client.get(url, {"bytes": 1001}).json()["refusal"]
    assert told == "The file is 1001\xa0bytes. The studio accepts up to 1000\xa0bytes."
    assert client.get(url).status_code == 400
    big = SimpleUploadedFile("big.mp4", bytes(200_000))
    assert "The studio accepts up to" in said(client.post(url, {"source": big}))[0]
    assert not Cut.objects.exists()


def test_an_upload_needs_its_token(producer, media):
    client = Client(enforce_csrf_checks=True)
    client.force_login(producer)
    url = reverse("media_upload", args=[VideoFactory(stage=Stage.EDITING).pk])
    assert client.post(url, {"source": upload_of(media("text.mp4"))}).status_code == 403
    assert not Cut.objects.exists()


def test_an_expert_uploads_where_they_are_on_camera_and_nowhere_else(signed_in, media):
    expert = ExpertFactory()
    client = signed_in(expert.user)
    theirs = VideoFactory(stage=Stage.SHOT, experts=[expert])
    others = VideoFactory(stage=Stage.SHOT)
    answers = [
        client.post(
            reverse("media_upload", args=[video.pk]), {"source": upload_of(media("text.mp4"))}
        ).status_code
        for video in (theirs, others)
    ]
    assert answers[0] == 302
    assert answers[1] in {302, 403}
    assert list(Cut.objects.values_list("video", flat=True)) == [theirs.pk]


def test_only_the_roles_of_the_table_see_cuts_and_change_them(
    signed_in, producer, expert_user, sales_manager, finance, leader
):
    cut = failed_cut()
    for user in (producer, expert_user, sales_manager):
        assert signed_in(user).get(reverse("media_cuts")).status_code == 200
        assert signed_in(user).get(reverse("media_cut_state", args=[cut.pk])).status_code == 200
    for user in (finance, leader):
        assert signed_in(user).get(reverse("media_cuts")).status_code != 200
        assert signed_in(user).get(reverse("media_cut_state", args=[cut.pk])).status_code != 200
    for user in (expert_user, sales_manager, finance, leader, None):
        client = signed_in(user)
        client.post(reverse("media_retry", args=[cut.pk]))
        client.post(reverse("media_captions", args=[cut.pk]))
    assert Cut.objects.get().state == Cut.State.FAILED
    assert not Caption.objects.exists()


def test_a_failed_cut_says_why_and_is_tried_again(signed_in, producer):
    cut = failed_cut()
    client = signed_in(producer)
    page = client.get(reverse("planning_videos:inspect", args=[cut.video_id])).content.decode()
    assert "The file is damaged." in page
    assert "Try again" in page
    response = client.post(reverse("media_retry", args=[cut.pk]))
    assert said(response) == [f"Cut {cut.number} is being made ready again, from the start."]
    assert Cut.objects.get().state == Cut.State.WAITING
    again = client.post(reverse("media_retry", args=[cut.pk]))
    assert said(again)[-1] == f"Cut {cut.number} has not failed."
    assert Job.objects.filter(state=Job.State.QUEUED).count() == 1


def test_the_page_asks_how_far_a_cut_is(signed_in, producer):
    cut = CutFactory(state=Cut.State.WORKING, source_info={"seconds": 120.0})
    running(cut, progress=0.25, speed=0.5)
    told = signed_in(producer).get(reverse("media_cut_state", args=[cut.pk])).json()
    assert {key: told[key] for key in ("state", "label", "percent", "under_way")} == {
        "state": "working",
        "label": "Being made ready",
        "percent": 25,
        "under_way": True,
    }
    assert "3 minutes left" in told["html"]
    assert 'value="25"' in told["html"]


def test_captions_are_added_replaced_and_removed(signed_in, producer):
    cut = ready_cut()
    client = signed_in(producer)
    url = reverse("media_captions", args=[cut.pk])
    for words in ("First", "Second"):
        file = SimpleUploadedFile("en.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{words}".encode())
        response = client.post(url, {"language": "en", "captions": file})
        assert said(response)[-1] == f"Cut {cut.number} now has captions in English."
    caption = Caption.objects.get()
    assert (caption.label, caption.webvtt) == (
        "English",
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nSecond\n",
    )
    broken = SimpleUploadedFile("en.srt", b"no captions")
    assert said(client.post(url, {"language": "en", "captions": broken}))[-1] == (
        "The captions were not saved. Line 1 is not part of a caption: “no captions”."
    )
    assert Caption.objects.get() == caption
    client.post(reverse("media_remove_captions", args=[caption.pk]))
    assert not Caption.objects.exists()
    entry = ModelLogEntry.objects.for_instance(cut.video).get(action=CAPTIONS_REMOVED)
    assert (entry.user, entry.message, entry.comment) == (
        producer,
        f"Removed the English captions of cut {cut.number}",
        "1 line",
    )


def test_the_queue_shows_what_needs_a_hand_first(
    signed_in, producer, django_assert_max_num_queries
):
    ready_cut(source_name="ready.mp4")
    failed_cut(source_name="failed.mp4")
    running(CutFactory(state=Cut.State.WORKING, source_name="working.mp4"))
    for _ in range(5):
        ready_cut()
    client = signed_in(producer)
    with django_assert_max_num_queries(40):
        page = client.get(reverse("media_cuts")).content.decode()
    places = [page.index(name) for name in ("working.mp4", "failed.mp4", "ready.mp4")]
    assert sorted(places) == places


def test_an_empty_queue_teaches_the_first_step(signed_in, producer):
    page = signed_in(producer).get(reverse("media_cuts")).content.decode()
    assert "No cuts yet." in page


def test_a_video_that_is_not_shot_says_when_it_takes_cuts(signed_in, producer):
    video = VideoFactory(stage=Stage.PLANNED)
    page = signed_in(producer).get(reverse("planning_videos:inspect", args=[video.pk]))
    assert "Cuts are uploaded once the video is shot." in page.content.decode()
    assert "media-upload" not in page.content.decode()


def test_lengths_and_times_are_in_words():
    assert [length(seconds) for seconds in (None, 0.08, 59.6, 754, 3723)] == [
        "",
        "0:01",
        "1:00",
        "12:34",
        "1:02:03",
    ]
    assert ago(timezone.now()) == "just now"
    assert ago(timezone.now() - timedelta(minutes=3)) == "3\xa0minutes ago"
    assert [remaining(seconds) for seconds in (None, 5, 61, 600)] == [
        "",
        "less than a minute left",
        "1 minute left",
        "10 minutes left",
    ]
