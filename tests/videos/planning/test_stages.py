import ast
import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Stage
from videos.planning.stages import (
    TRANSITIONS,
    TransitionRefused,
    change_stage,
    send_back,
    stage_changed,
)

ROOMS = ["planning", "budgets", "media", "review", "publishing"]
PAIRS = list(product(Stage, Stage))

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("was", "to"), PAIRS)
def test_a_stage_changes_only_along_the_allowed_transitions_and_by_its_own_app(was, to, producer):
    video = VideoFactory(stage=was)
    for room in ROOMS:
        if TRANSITIONS.get((was, to)) == room:
            continue
        with pytest.raises(TransitionRefused):
            change_stage(video.pk, to, room=room, by=producer)
    video.refresh_from_db()
    assert (video.stage, list(video.transitions.all())) == (was, [])

    if room := TRANSITIONS.get((was, to)):
        change_stage(video.pk, to, room=room, by=producer)
        video.refresh_from_db()
        assert video.stage == to


def test_a_transition_is_on_record_with_its_actor_its_time_and_its_note(producer):
    video = VideoFactory()
    before = timezone.now()
    change_stage(video.pk, Stage.PLANNED, room="planning", by=producer, note="Agreed on Monday")
    record = video.transitions.get()
    assert (record.from_stage, record.to_stage, record.room, record.by, record.note) == (
        Stage.IDEA,
        Stage.PLANNED,
        "planning",
        producer,
        "Agreed on Monday",
    )
    assert before <= record.at <= timezone.now()
    logged = ModelLogEntry.objects.get(action="planning.move")
    assert (logged.user, logged.object_id) == (producer, str(video.pk))
    assert logged.data == {"was": "idea", "now": "planned", "note": "Agreed on Monday"}


def test_a_transition_that_its_guard_refuses_changes_nothing_and_says_why(producer):
    video = VideoFactory()
    with pytest.raises(TransitionRefused) as refused:
        change_stage(
            video.pk, Stage.PLANNED, room="planning", by=producer, guard=lambda video: "Not today."
        )
    assert refused.value.messages == ["Not today."]
    video.refresh_from_db()
    assert (video.stage, list(video.transitions.all())) == (Stage.IDEA, [])
    assert not ModelLogEntry.objects.for_instance(video).exists()


def test_a_guard_runs_in_the_transaction_and_sees_the_current_row(producer):
    video = VideoFactory(title="Old title")
    type(video).objects.filter(pk=video.pk).update(title="New title")
    seen = []

    def guard(row):
        seen.append((row.title, connection.in_atomic_block))

    change_stage(video.pk, Stage.PLANNED, room="planning", by=producer, guard=guard)
    assert seen == [("New title", True)]


def test_a_receiver_that_refuses_rolls_the_transition_back(producer):
    def refuse(**kwargs):
        raise TransitionRefused("Not for us.")

    video = VideoFactory()
    stage_changed.connect(refuse)
    try:
        with pytest.raises(TransitionRefused):
            change_stage(video.pk, Stage.PLANNED, room="planning", by=producer)
    finally:
        stage_changed.disconnect(refuse)
    video.refresh_from_db()
    assert (video.stage, list(video.transitions.all())) == (Stage.IDEA, [])


@pytest.mark.parametrize(("was", "to"), sorted(TRANSITIONS))
def test_only_a_publication_dates_the_first_publication(was, to):
    video = VideoFactory(stage=was)
    change_stage(video.pk, to, room=TRANSITIONS[was, to], by=None)
    video.refresh_from_db()
    assert (video.published_at is not None) == (to == Stage.PUBLISHED)


def test_the_first_publication_is_kept_when_a_video_returns(producer):
    first = timezone.now() - dt.timedelta(days=3)
    video = VideoFactory(stage=Stage.APPROVED)
    change_stage(video.pk, Stage.PUBLISHED, room="publishing", by=None, at=first)
    change_stage(video.pk, Stage.RETIRED, room="publishing", by=producer)
    change_stage(video.pk, Stage.PUBLISHED, room="publishing", by=producer)
    video.refresh_from_db()
    assert video.published_at == first


def test_review_sends_a_video_back_to_editing_with_a_note(producer):
    video = VideoFactory(stage=Stage.REVIEW)
    send_back(video.pk, by=producer, note="The price is wrong.")
    assert [(m.from_stage, m.to_stage, m.note) for m in video.transitions.all()] == [
        ("review", "editing", "The price is wrong.")
    ]


def assigned_stages(path):
    """Lines in a module that set `.stage` of something, or update it in the database."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in ast.walk(ast.Module(targets, [])):
                if isinstance(target, ast.Attribute) and target.attr == "stage":
                    yield node.lineno
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"update", "bulk_update"}
            and any(word.arg == "stage" for word in node.keywords)
        ):
            yield node.lineno


def test_nothing_else_changes_a_stage():
    root = Path(__file__).parents[3]
    found = {
        str(path.relative_to(root))
        for room in ("studio", "videos", "budgets")
        for path in (root / room).rglob("*.py")
        if list(assigned_stages(path))
        and "deals" not in path.parts  # a deal has a stage of its own
        and "migrations" not in path.parts
    }
    assert found == {"videos/planning/stages.py"}


def test_a_transition_by_a_schedule_has_no_actor():
    UserFactory()
    video = VideoFactory(stage=Stage.APPROVED)
    change_stage(video.pk, Stage.PUBLISHED, room="publishing", by=None)
    assert video.transitions.get().by is None
