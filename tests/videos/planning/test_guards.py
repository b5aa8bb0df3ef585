import datetime as dt

import pytest

from tests.factories import ExpertFactory, ShootFactory, VideoFactory
from videos.planning import guards
from videos.planning.models import Stage
from videos.planning.stages import TransitionRefused
from videos.planning.transitions import make_transition

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 20)


@pytest.mark.parametrize(
    ("title", "experts", "planned_for", "why"),
    [
        ("Price", 1, DAY, None),
        (" ", 1, DAY, "Before you can plan the video, it needs a title."),
        ("Price", 0, DAY, "Before you can plan the video, it needs an expert on camera."),
        (
            "Price",
            0,
            None,
            "Before you can plan the video, it needs an expert on camera and a planned "
            "publishing day.",
        ),
    ],
)
def test_planning_says_what_is_missing(title, experts, planned_for, why):
    assert guards.plan(title=title, experts=experts, planned_for=planned_for) == why


@pytest.mark.parametrize(
    ("starts", "why"),
    [
        ([], "No shoot is booked."),
        ([NOON + dt.timedelta(seconds=1)], "The shoot has not started yet."),
        ([NOON], None),
        ([NOON - dt.timedelta(days=1), NOON + dt.timedelta(days=1)], None),
    ],
)
def test_a_video_is_shot_once_a_shoot_has_begun(starts, why):
    assert guards.shot(starts=starts, now=NOON) == why


def test_scheduling_needs_a_shoot_and_going_back_needs_none():
    assert [guards.schedule(booked=n) is None for n in (0, 1)] == [False, True]
    assert [guards.unschedule(booked=n) is None for n in (0, 1)] == [True, False]


def test_a_cancellation_needs_a_reason():
    assert guards.cancel(reason=" \n") == "Say why the video is cancelled."
    assert guards.cancel(reason="The product is gone.") is None


@pytest.mark.django_db
def test_planning_a_video_asks_its_guard(producer):
    video = VideoFactory()
    with pytest.raises(TransitionRefused) as refused:
        make_transition(video.pk, Stage.PLANNED, by=producer)
    assert refused.value.messages == [
        "Before you can plan the video, it needs an expert on camera and a planned publishing day."
    ]
    video.experts.add(ExpertFactory())
    video.planned_for = DAY
    video.save()
    assert make_transition(video.pk, Stage.PLANNED, by=producer).stage == Stage.PLANNED
    assert make_transition(video.pk, Stage.IDEA, by=producer).stage == Stage.IDEA


@pytest.mark.django_db
def test_a_video_is_marked_as_shot_and_goes_to_editing(producer):
    video = VideoFactory(stage=Stage.SCHEDULED)
    shoot = ShootFactory(videos=[video])
    with pytest.raises(TransitionRefused):
        make_transition(video.pk, Stage.SHOT, by=producer)
    shoot.starts_at -= dt.timedelta(days=2)
    shoot.save()
    make_transition(video.pk, Stage.SHOT, by=producer)
    assert make_transition(video.pk, Stage.EDITING, by=producer).stage == Stage.EDITING


@pytest.mark.django_db
def test_only_the_review_takes_a_video_back_to_editing(producer):
    video = VideoFactory(stage=Stage.REVIEW)
    with pytest.raises(TransitionRefused):
        make_transition(video.pk, Stage.EDITING, by=producer)
    video.refresh_from_db()
    assert video.stage == Stage.REVIEW
