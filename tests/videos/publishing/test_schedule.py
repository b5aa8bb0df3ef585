"""Scheduled publishing runs by itself, and one refused page stops no other."""

import datetime as dt
import logging

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule
from wagtail.models import Revision

from tests.factories import VideoFactory
from tests.videos.publishing.factories import approved_video, draft_page, live_page
from videos.planning.models import Stage
from videos.publishing.models import VideoPage
from videos.publishing.schedule import SCHEDULE, keep_schedule

pytestmark = pytest.mark.django_db


def scheduled_page(video, minutes: int) -> VideoPage:
    """A page whose time came `minutes` ago."""
    page = draft_page(video)
    page.go_live_at = timezone.now() + dt.timedelta(hours=1)
    page.save_revision().publish()
    past = timezone.now() - dt.timedelta(minutes=minutes)
    page.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=past)
    page.refresh_from_db()
    revision = page.latest_revision
    revision.refresh_from_db()
    revision.content["go_live_at"] = past.isoformat()
    revision.save()
    page.refresh_from_db()
    return page


def live(*pages: VideoPage) -> list[bool]:
    return [VideoPage.objects.get(pk=page.pk).live for page in pages]


def test_a_page_waits_for_its_time():
    page = draft_page(approved_video())
    page.go_live_at = timezone.now() + dt.timedelta(hours=1)
    page.save_revision().publish()
    call_command("publish_scheduled")
    page.video.refresh_from_db()
    assert (live(page), page.video.stage) == ([False], Stage.APPROVED)


def test_a_page_may_be_scheduled_before_its_cut_is_approved():
    page = draft_page(VideoFactory(stage="review"))
    page.go_live_at = timezone.now() + dt.timedelta(hours=1)
    page.save_revision().publish()
    assert page.scheduled_revision is not None
    assert live(page) == [False]


def test_a_due_page_goes_live_by_nobody():
    page = scheduled_page(approved_video(), minutes=1)
    call_command("publish_scheduled")
    page.video.refresh_from_db()
    assert (live(page), page.video.stage) == ([True], Stage.PUBLISHED)
    assert [transition.by for transition in page.video.transitions.all()] == [None]


def test_one_refused_page_stops_no_other(producer, caplog, django_capture_on_commit_callbacks):
    refused = scheduled_page(VideoFactory(stage="review", producer=producer), minutes=9)
    after = scheduled_page(approved_video(), minutes=1)
    with (
        caplog.at_level(logging.WARNING, "videos.publishing.schedule"),
        django_capture_on_commit_callbacks(execute=True),
    ):
        call_command("publish_scheduled")
    assert live(refused, after) == [False, True]

    assert [record.args[0] for record in caplog.records if "not published" in record.message] == [
        refused.pk
    ]
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([producer.email], f"Not published: {refused.title}")
    ]
    assert "has no approved cut" in mail.outbox[0].body
    assert f"/admin/pages/{refused.pk}/edit/" in mail.outbox[0].body


def test_a_refused_page_is_told_once(producer, django_capture_on_commit_callbacks):
    refused = scheduled_page(VideoFactory(stage="review", producer=producer), minutes=9)
    for _minute in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("publish_scheduled")
    assert len(mail.outbox) == 1
    assert refused.scheduled_revision is None


def with_an_end(page: VideoPage) -> Revision:
    """The one revision of a page that says when it ends."""
    (revision,) = (one for one in page.revisions.all() if one.content["expire_at"])
    return revision


def ended_page() -> VideoPage:
    """A page that was live, and whose end came a minute ago."""
    page = live_page()
    page.expire_at = timezone.now() + dt.timedelta(hours=1)
    page.save_revision().publish()
    past = timezone.now() - dt.timedelta(minutes=1)
    VideoPage.objects.filter(pk=page.pk).update(expire_at=past)
    revision = with_an_end(page)
    revision.content["expire_at"] = past.isoformat()
    revision.save()
    call_command("publish_scheduled")
    page.refresh_from_db()
    assert (page.live, page.expired, page.video.stage) == (False, True, Stage.RETIRED)
    return page


def by_hand(page: VideoPage, client: Client) -> None:
    url = reverse("publishing_publish", args=[page.pk])
    response = client.post(url, {"cut": page.video.cuts.get().pk}, follow=True)
    assert "The page stays live until somebody retires it" in response.content.decode()


def of_an_older_revision(page: VideoPage, client: Client) -> None:
    with_an_end(page).publish()


def in_bulk(page: VideoPage, client: Client) -> None:
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client.post(f"{address}?id={page.pk}&next=/admin/", {})


@pytest.mark.parametrize("again", [by_hand, of_an_older_revision, in_bulk])
def test_what_is_published_after_its_end_stays_live(again, signed_in, producer):
    page = ended_page()

    again(page, signed_in(producer))
    call_command("publish_scheduled")

    page.refresh_from_db()
    page.video.refresh_from_db()
    assert (page.live, page.expired, page.expire_at) == (True, False, None)
    assert page.video.stage == Stage.PUBLISHED


def test_an_end_that_is_still_to_come_stays(signed_in, producer):
    page = draft_page(approved_video())
    page.expire_at = timezone.now().replace(microsecond=0) + dt.timedelta(hours=1)
    page.save_revision()
    url = reverse("publishing_publish", args=[page.pk])
    signed_in(producer).post(url, {"cut": page.video.cuts.get().pk})
    ends = page.expire_at
    page.refresh_from_db()
    assert (page.live, page.expire_at) == (True, ends)


def test_the_editor_of_a_page_that_ended_asks_for_no_new_end(signed_in, producer):
    page = ended_page()
    assert page.get_latest_revision_as_object().expire_at is None


def test_a_page_whose_end_came_before_its_turn_does_not_go_live(
    producer, django_capture_on_commit_callbacks
):
    page = scheduled_page(approved_video(producer=producer), minutes=9)
    revision = page.latest_revision
    revision.content["expire_at"] = (timezone.now() - dt.timedelta(minutes=5)).isoformat()
    revision.save()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("publish_scheduled")
    assert (live(page), page.scheduled_revision) == ([False], None)
    assert ["was set to expire on" in message.body for message in mail.outbox] == [True]


def test_the_schedule_is_there_after_every_migrate_and_only_once():
    keep_schedule()
    keep_schedule()
    assert list(Schedule.objects.filter(name=SCHEDULE).values_list("func", "args", "minutes")) == [
        ("django.core.management.call_command", "('publish_scheduled',)", 1)
    ]
