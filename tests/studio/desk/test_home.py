"""Everybody's home page: what waits for them, and nothing of what does not concern them."""

import datetime as dt
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from budgets.models import Estimate
from budgets.periods import close
from studio.desk.waiting import waiting_for
from studio.people.models import User
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, estimate
from tests.factories import (
    CutFactory,
    ExpertFactory,
    QuestionFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ready_cut,
)
from videos.media.models import Cut

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User | None], Client]


def acts(user: User) -> list[tuple[str, str]]:
    return [(item.act, item.text) for item in waiting_for(user)]


def test_a_cut_waits_for_its_expert_and_the_sales_manager_alone(producer, sales_manager, finance):
    on_camera, other = ExpertFactory(), ExpertFactory()
    video = VideoFactory(stage="review", title="Prices", experts=[on_camera])
    ready_cut(video=video, uploaded_by=producer)

    asked = [("Watch and review", "Prices")]
    assert acts(on_camera.user) == acts(sales_manager) == asked
    assert acts(other.user) == acts(finance) == acts(producer) == []


def test_a_producer_hears_of_failed_cuts_first_and_of_replaced_ones_no_more(producer):
    video = VideoFactory(stage="editing", title="Security")
    CutFactory(video=video, number=1, state=Cut.State.FAILED, reason="The file ends early.")
    assert acts(producer) == [("See why", "Security")]

    CutFactory(video=video, number=2)
    assert acts(producer) == []


def test_an_approved_video_waits_for_the_producer_to_publish_it(producer, leader):
    VideoFactory(stage="approved", title="Delivery")
    assert acts(producer) == [("Create the public page", "Delivery")]
    assert acts(leader) == []


def test_an_expert_is_asked_to_book_and_told_of_their_own_shoots(producer):
    expert, other = ExpertFactory(), ExpertFactory()
    VideoFactory(stage="greenlit", title="Mine", experts=[expert])
    VideoFactory(stage="greenlit", title="Not mine", experts=[other])
    booked = VideoFactory(stage="scheduled", title="Soon", experts=[expert])
    ShootFactory(videos=[booked], experts=[expert])

    assert acts(expert.user) == [("Open the shoot", "Soon"), ("Book a shoot", "Mine")]


def test_a_cancelled_shoot_waits_for_nobody():
    expert = ExpertFactory()
    ShootFactory(
        experts=[expert], cancelled_at=timezone.now(), cancelled_by=UserFactory(role=Role.PRODUCER)
    )
    assert acts(expert.user) == []


def test_a_question_waits_until_a_video_answers_it(sales_manager, expert_user):
    question = QuestionFactory(text="What does it cost?", heard_by=expert_user)
    assert acts(sales_manager) == [("Plan a video", "What does it cost?")]
    assert acts(expert_user) == []

    question.video = VideoFactory()
    question.save()
    assert acts(sales_manager) == []


def test_a_shoot_that_is_over_waits_for_somebody_to_say_so(producer):
    video = VideoFactory(stage="scheduled", title="Over")
    hours_ago = timezone.now() - dt.timedelta(hours=3)
    ShootFactory(videos=[video], starts_at=hours_ago)
    assert acts(producer) == [("Mark as shot", "Over")]


def test_a_planned_video_waits_for_its_producer_to_ask_for_the_money(producer, finance):
    video = VideoFactory(stage="planned", title="Costs", producer=producer)
    other = UserFactory(role=Role.PRODUCER)
    assert acts(producer) == [("Estimate the cost", "Costs")]
    assert acts(other) == acts(finance) == []
    estimate((LineFactory(approved=100), 50), by=producer, video=video)
    assert acts(finance) == [("Greenlight or decline", "Costs")]
    assert acts(producer) == []


@pytest.mark.parametrize("taken_over", [False, True], ids=["wrote it", "took it over"])
def test_nobody_is_asked_to_approve_their_own_request(finance, taken_over):
    asking = UserFactory(role=Role.PRODUCER) if taken_over else finance
    waiting = estimate((LineFactory(approved=100), 50), by=asking)
    if taken_over:  # as of somebody who left
        Estimate.objects.filter(pk=waiting.pk).update(requested_by=finance)
    assert acts(finance) == []
    others = UserFactory(role=Role.FINANCE)
    assert acts(others) == [("Greenlight or decline", waiting.video.title)]


def test_a_shoot_to_come_is_told_by_its_day(signed_in: SignedIn, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    expert = ExpertFactory()
    zone = timezone.get_default_timezone()
    today = timezone.localdate(timezone=zone)
    for days in (1, 6):
        starts_at = dt.datetime.combine(today, dt.time(10), zone) + dt.timedelta(days=days)
        ShootFactory(
            videos=[VideoFactory(stage="scheduled")], experts=[expert], starts_at=starts_at
        )
    page = signed_in(expert.user).get("/admin/").content.decode()
    waiting = page[page.index('id="waiting') : page.index('id="on-camera')]
    assert "Just now" not in waiting
    assert "Tomorrow, 10:00" in waiting
    assert date_format(today + dt.timedelta(days=6), "D j F") in waiting


def test_an_open_home_page_hears_only_of_what_is_new(signed_in: SignedIn, producer: User):
    client = signed_in(producer)
    page = client.get("/admin/").content.decode()
    version = unescape(page.partition('data-ui-live-version-value="')[2].partition('"')[0])
    live = reverse("desk_waiting")
    assert client.get(live, headers={"If-None-Match": version}).status_code == 304
    VideoFactory(stage="editing", title="New here", producer=producer)
    answer = client.get(live, headers={"If-None-Match": version})
    assert answer.status_code == 200
    assert "New here" in answer.content.decode()
    assert "data-ui-live-said" in answer.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home_page_in_few_queries(
    role: Role, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
):
    user = UserFactory(role=role)
    if role == Role.EXPERT:
        ExpertFactory(user=user)
    for stage in ("review", "approved", "greenlit", "editing", "planned", "scheduled", "published"):
        video = VideoFactory(stage=stage)
        ready_cut(video=video, number=1)
        ShootFactory(videos=[video], experts=[ExpertFactory()])
    client = signed_in(user)
    with django_assert_max_num_queries(40):
        page = client.get("/admin/")
    assert page.status_code == 200
    assert b"Waiting for you" in page.content


def test_who_has_nothing_waiting_reads_where_to_begin(signed_in: SignedIn, leader: User):
    page = signed_in(leader).get("/admin/")
    assert b"Nothing waits for you" in page.content
    assert b"See what the videos helped to sign" in page.content
    assert b"Hand in a buyer" not in page.content


def test_what_is_left_of_a_closed_period_is_not_called_available(
    signed_in: SignedIn, leader: User, finance: User
):
    line = LineFactory(approved=100_00)
    client = signed_in(leader)
    assert "100.00\xa0EUR still available" in client.get("/admin/").content.decode()
    close(line.period_id, by=finance)
    page = client.get("/admin/").content.decode()
    assert "100.00\xa0EUR left in NOW, which is closed" in page
    assert "available" not in page.split('id="figures', 1)[1].split("</section>", 1)[0]
