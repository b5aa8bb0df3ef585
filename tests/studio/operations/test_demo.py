import datetime as dt
import io
import json
from collections import Counter

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from budgets.models import Entry, Estimate, Line
from studio.operations.demo import clock, premiere
from studio.operations.demo.clips import CLIPS
from studio.operations.demo.records import World
from tests.queue import empty_queue, queued
from tests.studio.operations.conftest import PASSWORD
from videos.audience.models import Company, Contact, ShareLink, View
from videos.deals.models import Deal
from videos.media.jobs import tasks
from videos.media.models import Job
from videos.planning.models import Question, Shoot, Stage, StageTransition, Video
from videos.publishing.models import VideoPage
from videos.review.approvals import approved_cut


def test_the_studio_holds_the_world(demo: World):
    assert Counter(Video.objects.values_list("stage", flat=True)) == {
        Stage.IDEA: 1,
        Stage.PLANNED: 1,
        Stage.GREENLIT: 1,
        Stage.SCHEDULED: 1,
        Stage.SHOT: 1,
        Stage.EDITING: 5,  # four of them wait for their footage
        Stage.PUBLISHED: 2,  # from before the studio
        Stage.RETIRED: 1,
        Stage.CANCELLED: 1,
    }
    assert (Company.objects.count(), Contact.objects.count()) == (60, 150)
    assert Deal.objects.count() == 80
    assert Question.objects.count() == len(demo.questions)
    assert View.objects.count() == sum(view.imported for view in demo.views)


def test_everyone_can_sign_in(demo: World):
    for person in demo.people:
        assert Client().login(email=person.email, password=PASSWORD)


def test_the_past_happened_in_its_order(demo: World):
    now = timezone.now()
    for video in Video.objects.prefetch_related("transitions"):
        times = [
            video.created_at,
            *(transition.at for transition in video.transitions.order_by("pk")),
        ]
        assert times == sorted(times)
        assert times[-1] < now
    assert not StageTransition.objects.filter(by__isnull=True).exists()
    assert not Question.objects.filter(created_at__gt=now).exists()


def test_no_expense_without_a_greenlight(demo: World):
    for entry in Entry.objects.filter(kind=Entry.Kind.EXPENSE):
        greenlit = entry.video.estimates.get(state=Estimate.State.GREENLIT)
        assert greenlit.decided_at < entry.posted_at
        assert greenlit.decided_by != greenlit.requested_by
        assert entry.line.period.starts_on <= entry.posted_on <= entry.line.period.ends_on


def test_lines_add_up_and_none_is_overdrawn(demo: World):
    for line in Line.objects.with_balance():
        assert line.approved == line.committed + line.spent + line.available
        assert line.available >= 0


def test_something_waits_for_everybody(demo: World):
    assert Estimate.objects.filter(state=Estimate.State.REQUESTED).count() == 1
    assert Shoot.objects.filter(starts_at__gt=timezone.now(), cancelled_at=None).count() == 1
    assert Deal.objects.filter(status=Deal.Status.OPEN).count() > 10


def test_both_reports_can_be_made(demo: World):
    for command in ("influence", "budget_report"):
        out = io.StringIO()
        call_command(command, "--json", stdout=out)
        assert json.loads(out.getvalue())


def test_the_clock_goes_on_afterwards(demo: World):
    before = timezone.now()
    with clock.at(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        assert timezone.now() == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert timezone.now() > before


# Footage


@pytest.fixture
def kept_day(demo: World) -> World:
    premiere.day_file().write_text(demo.today.isoformat())
    return demo


@pytest.mark.slow
def test_a_video_is_filmed_transcoded_approved_and_published_as_it_was(kept_day: World):
    titles = premiere.awaited()
    premiere.film("night")
    video = Video.objects.get(public_id=premiere.public_id("night"))
    tasks.transcode(Job.objects.get(cut__video=video).pk)
    premiere.follow("night")
    premiere.follow("night")  # a task may come twice

    video.refresh_from_db()
    page = VideoPage.objects.get(video=video)
    production = premiere.production_of(kept_day, "night")
    assert video.stage == Stage.PUBLISHED
    assert video.published_at == page.first_published_at == production.published_at
    assert page.live
    assert page.cut == approved_cut(video)
    assert page.cut.captions.get().webvtt.startswith("WEBVTT\n")
    times = [transition.at for transition in video.transitions.order_by("pk")]
    assert times == sorted(times)
    views = video.views.order_by("started_at")
    assert views.count() == sum(view.video == "night" for view in kept_day.views)
    assert views[0].started_at > video.published_at
    assert ShareLink.objects.filter(video=video, created_at__lt=video.published_at).count() == 0
    assert premiere.awaited() == titles[1:]
    assert premiere.missing() == list(CLIPS)[1:]


def test_a_cut_of_somebody_else_is_left_alone(kept_day: World):
    video = Video.objects.get(public_id=premiere.public_id("install"))
    premiere.follow("install")
    assert video.transitions.filter(to_stage=Stage.APPROVED).count() == 0


def test_what_is_missing_is_asked_for_again(kept_day: World, django_capture_on_commit_callbacks):
    empty_queue()
    with django_capture_on_commit_callbacks(execute=True):
        premiere.enqueue_again()
    assert [arguments for _function, arguments in queued()] == [("night",)]
