"""The next step of a video is the same on its page, on home, in the lists, the calendar and mails.

The walk goes through every stage and its side states, with real rows, as each colleague sees it.
"""

import datetime as dt
from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets.estimates import ItemData, decline, save_estimate
from studio.desk.waiting import waiting_for
from studio.people.models import User
from studio.people.roles import Role
from tests.budgets.factories import LineFactory
from tests.factories import (
    CutFactory,
    ExpertFactory,
    ShootFactory,
    UserFactory,
    VideoFactory,
    ready_cut,
)
from tests.videos.publishing.factories import approve, approved_video, draft_page, published
from tests.videos.publishing.test_schedule import scheduled_page
from videos.media.jobs import notifications
from videos.media.models import Cut, Job, Upload
from videos.planning.models import Stage, Video
from videos.planning.next_step.loading import access_of, next_step_of, next_step_text, next_steps
from videos.planning.stages import change_stage
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoPage
from videos.review import notifications as review_notifications
from videos.review.access import waiting_for as cuts_waiting_for
from videos.review.models import Comment, Verdict

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
SignedIn = Callable[[User | None], Client]


class People(NamedTuple):
    """A colleague of each role; the producer makes the video, the expert is on camera in it."""

    producer: User
    expert: User
    manager: User
    finance: User
    leader: User
    administrator: User


def person(role: Role) -> User:
    return UserFactory(role=role, first_name=role.name.title())


@pytest.fixture
def people(db: None) -> People:
    return People(
        producer=person(Role.PRODUCER),
        expert=person(Role.EXPERT),
        manager=person(Role.SALES_MANAGER),
        finance=person(Role.FINANCE),
        leader=person(Role.LEADER),
        administrator=UserFactory(is_superuser=True),
    )


def make(people: People, stage: str, **fields: Any) -> Video:
    expert = people.expert.expert if hasattr(people.expert, "expert") else None
    return VideoFactory(
        stage=stage,
        producer=people.producer,
        experts=[expert or ExpertFactory(user=people.expert)],
        planned_for=timezone.localdate(),
        **fields,
    )


def cut_of(people: People, video: Video, number: int = 1, **fields: Any) -> Cut:
    return ready_cut(video=video, number=number, uploaded_by=people.producer, **fields)


def idea_without_a_day(people: People) -> Video:
    video = make(people, "idea")
    Video.objects.update(planned_for=None)
    return video


def estimated(state: str) -> Callable[[People], Video]:
    def made(people: People) -> Video:
        video = make(people, "planned")
        ask = ItemData(LineFactory(approved=100_00), 50_00)
        estimate = save_estimate(video.pk, [ask], by=people.producer, request=state != "draft")
        if state == "declined":
            decline(estimate.pk, by=people.finance, reason="Too dear.")
        return video

    return made


def shoot(starts_in: dt.timedelta) -> Callable[[People], Video]:
    def made(people: People) -> Video:
        video = make(people, "scheduled")
        starts_at = timezone.now() + starts_in
        ShootFactory(videos=[video], experts=[people.expert.expert], starts_at=starts_at)
        return video

    return made


def uploading(people: People) -> Video:
    video = make(people, "shot")
    Upload.objects.create(
        video=video,
        by=people.producer,
        name="take one.mov",
        bytes=10,
        received=5,
        backend="disk",
        path="sources/none",
        last_activity_at=timezone.now(),
    )
    return video


def cut_in(state: str, stage: str = "editing", **fields: Any) -> Callable[[People], Video]:
    def made(people: People) -> Video:
        video = make(people, stage)
        if stage == "review":
            cut_of(people, video)
        CutFactory(
            video=video,
            number=None if state == "refused" else 2,
            state=state,
            uploaded_by=people.producer,
            **fields,
        )
        return video

    return made


def sent_back(people: People) -> Video:
    video = make(people, "editing")
    verdict(cut_of(people, video), by=people.manager)
    return video


def verdict(cut: Cut, *, by: User) -> Verdict:
    return Verdict.objects.create(
        cut=cut,
        kind=Verdict.Kind.CHANGES,
        sha256=cut.sha256,
        note="Louder.",
        by=by,
        at=timezone.now(),
    )


def in_review(people: People) -> Video:
    video = make(people, "review")
    cut_of(people, video)
    return video


def with_a_comment(people: People) -> Video:
    video = in_review(people)
    Comment.objects.create(cut=video.cuts.get(), by=people.expert, text="The logo.")
    return video


def approved(people: People) -> Video:
    video = make(people, "approved")
    approve(cut_of(people, video))
    return video


def with_draft(people: People) -> Video:
    video = approved(people)
    draft_page(video)
    return video


def due(people: People) -> Video:
    video = approved(people)
    page = draft_page(video)
    page.go_live_at = timezone.now() + HOUR
    page.save_revision().publish()
    return video


def live(people: People) -> Video:
    video = approved(people)
    published(video)
    video.refresh_from_db()
    return video


def second(then: Callable[[People, Cut], object]) -> Callable[[People], Video]:
    def made(people: People) -> Video:
        video = live(people)
        then(people, cut_of(people, video, number=2))
        return video

    return made


def retired(people: People) -> Video:
    video = live(people)
    VideoPage.objects.get(video=video).unpublish()
    video.refresh_from_db()
    return video


def cancelled(people: People) -> Video:
    video = make(people, "planned")
    return change_stage(
        video.pk, Stage.CANCELLED, room="planning", by=people.producer, note="No money."
    )


def imported(people: People) -> Video:
    return VideoFactory(imported=True, stage="published", published_at=timezone.now())


NAME = "Producer Example"
WORD = "Waiting for Expert Example or a sales manager to review cut {}."
REVIEWERS = {"expert": "Watch and review", "manager": "Watch and review"}


def producers(label: str) -> dict[str, str]:
    return {"producer": label}


class Case(NamedTuple):
    """A state of a video, what it says it waits for (or its beginning), and whose turn it is.

    An administrator may do everything, so that what waits for all of a role waits for them too.
    """

    made: Callable[[People], Video]
    sentence: str
    turns: dict[str, str]


CASES = {
    "idea without a day": Case(
        idea_without_a_day,
        "Before you can plan the video, it needs a planned publishing day.",
        producers("Add what is missing"),
    ),
    "idea": Case(
        lambda people: make(people, "idea"),
        f"It is ready to be planned. Waiting for {NAME} to plan it.",
        producers("Plan this video"),
    ),
    "planned without an estimate": Case(
        lambda people: make(people, "planned"),
        f"Waiting for {NAME} to estimate the cost.",
        producers("Estimate the cost"),
    ),
    "planned with half an estimate": Case(
        estimated("draft"),
        f"Waiting for {NAME} to finish the estimate and request the greenlight.",
        producers("Finish the estimate"),
    ),
    "planned with an estimate": Case(
        estimated("requested"),
        "Waiting for finance to greenlight the estimate.",
        {"finance": "Greenlight or decline", "administrator": "Greenlight or decline"},
    ),
    "planned and refused": Case(
        estimated("declined"),
        f"Finance declined the estimate. Waiting for {NAME} to write a new one.",
        producers("Write a new estimate"),
    ),
    "greenlit": Case(
        lambda people: make(people, "greenlit"),
        "Waiting for a shoot with Expert Example to be booked.",
        dict.fromkeys(("producer", "expert", "manager", "administrator"), "Book a shoot"),
    ),
    "scheduled": Case(shoot(30 * HOUR), "The shoot is on ", {"expert": "Open the shoot"}),
    "shoot over": Case(
        shoot(-3 * HOUR),
        f"The shoot is over. Waiting for {NAME} to mark the video as shot.",
        producers("Mark as shot"),
    ),
    "shot": Case(
        lambda people: make(people, "shot"),
        f"Waiting for {NAME} to edit it.",
        producers("Start editing"),
    ),
    "uploading": Case(uploading, f"{NAME} is uploading “take one.mov”.", {}),
    "editing": Case(
        lambda people: make(people, "editing"),
        f"Waiting for {NAME} to upload a cut.",
        producers("Upload a cut"),
    ),
    "sent back": Case(
        sent_back,
        "Sales_Manager Example requested changes to cut 1."
        f" Waiting for {NAME} to upload a new cut.",
        producers("Upload a cut"),
    ),
    "transcoding": Case(
        cut_in("working"),
        "The studio is preparing cut 2. It will then go to review automatically.",
        {},
    ),
    "failed": Case(
        cut_in("failed", reason="The file ends early."),
        f"Cut 2 could not be made ready to watch. Waiting for {NAME} to look into it.",
        producers("See why"),
    ),
    "refused": Case(
        cut_in("refused", reason="It is a text."),
        f"The file “talk.mp4” was refused. Waiting for {NAME} to upload another one.",
        producers("Upload another file"),
    ),
    "in review": Case(in_review, WORD.format(1), REVIEWERS | {"administrator": "Watch and review"}),
    "in review with a comment": Case(
        with_a_comment,
        WORD.format(1) + " One comment is open.",
        REVIEWERS | {"administrator": "Watch and review"},
    ),
    "in review, next file refused": Case(
        cut_in("refused", "review", reason="It is a text."),
        WORD.format(1)
        + f" The file “talk.mp4” was refused. Waiting for {NAME} to upload another one.",
        REVIEWERS | {"administrator": "Watch and review"} | producers("Upload another file"),
    ),
    "approved": Case(
        approved,
        f"It is approved. Waiting for {NAME} to create its public page.",
        producers("Create the public page"),
    ),
    "approved with a draft": Case(
        with_draft,
        f"It is approved. Waiting for {NAME} to publish it.",
        producers("Publish"),
    ),
    "due": Case(due, "It goes live automatically on ", {}),
    "published": Case(live, "It is published.", {}),
    "second cut in review": Case(
        second(lambda people, cut: None),
        f"It is published. {WORD.format(2)}",
        REVIEWERS | {"administrator": "Watch and review"},
    ),
    "second cut approved": Case(
        second(lambda people, cut: approve(cut)),
        f"It is published. Cut 2 is approved. Waiting for {NAME} to publish it.",
        producers("Publish cut 2"),
    ),
    "second cut sent back": Case(
        second(lambda people, cut: verdict(cut, by=people.manager)),
        "It is published. Sales_Manager Example requested changes to cut 2."
        f" Waiting for {NAME} to upload a new cut.",
        producers("Upload a cut"),
    ),
    "retired": Case(retired, "It was retired and is no longer public.", {}),
    "cancelled": Case(cancelled, "It was cancelled.", {}),
    "imported": Case(
        imported,
        "This video was imported with its views. There is nothing to do.",
        {},
    ),
}


def on_the_calendar(client: Client, video: Video) -> set[str]:
    """What the calendar says comes next for a video, on any day of this month and the next."""
    said = set()
    for day in (timezone.localdate(), timezone.localdate() + dt.timedelta(days=28)):
        answer = client.get(reverse("planning_calendar"), {"year": day.year, "month": day.month})
        entries = [entry for day in answer.context["days"] for entry in day.entries]
        said |= {entry.next for entry in entries if entry.video == video.pk}
    return said


def waits_at_home(user: User, video: Video) -> dict[str, str]:
    """What the user's home page asks of them for a video: where it leads, by the act."""
    return {
        item.act: item.url
        for item in waiting_for(user)
        if item.page == video_url(video) or item.text == video.title
    }


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_screen_and_mail_says_the_same_of_what_comes_next(
    name: str, people: People, signed_in: SignedIn
) -> None:
    case = CASES[name]
    video = Video.objects.get(pk=case.made(people).pk)
    step = next_step_of(video)
    assert step.sentence.startswith(case.sentence)
    assert next_step_text(video) == step.sentence
    turns = {}
    for role, user in people._asdict().items():
        client = signed_in(user)
        page = client.get(video_url(video))
        assert page.context["next_step"].sentence == step.sentence
        assert step.sentence in unescape(page.content.decode())
        act = page.context["act"]
        if act:
            assert act.label in unescape(page.content.decode())
            assert act.url in unescape(page.content.decode())
        row = next(
            row
            for row in client.get(reverse("planning_videos:index")).context["object_list"]
            if row == video
        )
        assert row.next_step.sentence == step.sentence
        if waits := waits_at_home(user, video):
            assert waits == {act.label: act.url}
            turns[role] = act.label
        said = on_the_calendar(client, video)
        assert said == ({step.sentence} if video.stage not in GONE and video.planned_for else said)
    assert turns == case.turns


GONE = {Stage.CANCELLED}


def test_the_sides_of_review_agree_on_whose_word_is_awaited(people: People) -> None:
    for name in ("in review", "second cut in review", "sent back", "published", "transcoding"):
        video = CASES[name].made(people)
        step = next_step_of(Video.objects.get(pk=video.pk))
        for user in people:
            act = step.action_for(access_of(user))
            is_asked = step.is_assigned_to(access_of(user)) and act.label == "Watch and review"
            assert is_asked == cuts_waiting_for(user).filter(video=video).exists()


def test_the_mails_about_a_cut_end_with_what_comes_next(people: People) -> None:
    video = in_review(people)
    cut = video.cuts.get()
    sentence = next_step_of(video).sentence
    job = Job.objects.create(cut=cut, state=Job.State.READY, ended_at=timezone.now())
    notifications.tell(job.pk)
    review_notifications.ask_reviewers(cut.pk)
    assert {message.body.rstrip().endswith(sentence) for message in mail.outbox} == {True}
    mail.outbox.clear()
    review_notifications.tell_verdict(verdict(cut, by=people.manager).pk)
    assert mail.outbox[0].body.rstrip().endswith(next_step_text(video))


def test_a_page_that_is_due_and_refused_is_told_with_what_comes_next(people: People) -> None:
    video = approved_video(producer=people.producer)
    scheduled_page(video, minutes=1)
    Verdict.objects.all().delete()
    call_command("publish_scheduled")
    assert mail.outbox[0].body.rstrip().endswith(next_step_text(video))


def test_what_comes_next_for_many_videos_is_asked_as_often_as_for_one(
    people: People, django_assert_num_queries: Any
) -> None:
    made = [CASES[name].made(people) for name in ("in review", "due", "failed", "scheduled")]
    more = [CASES[name].made(people) for name in ("in review", "due", "failed", "scheduled")]

    def fresh(videos: list[Video]) -> list[Video]:
        return list(Video.objects.filter(pk__in=[video.pk for video in videos]))

    with CaptureQueriesContext(connection) as once:
        next_steps(fresh(made))
    with django_assert_num_queries(len(once)):
        next_steps(fresh([*made, *more]))
