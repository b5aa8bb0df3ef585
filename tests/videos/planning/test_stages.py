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
from videos.planning.stages import MOVES, MoveRefused, move, moved, send_back

ROOMS = ["planning", "budgets", "media", "review", "publishing"]
PAIRS = list(product(Stage, Stage))

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("was", "to"), PAIRS)
def test_a_stage_changes_only_along_the_table_and_by_its_own_room(was, to, producer):
    video = VideoFactory(stage=was)
    for room in ROOMS:
        if MOVES.get((was, to)) == room:
            continue
        with pytest.raises(MoveRefused):
            move(video.pk, to, room=room, by=producer)
    video.refresh_from_db()
    assert (video.stage, list(video.moves.all())) == (was, [])

    if room := MOVES.get((was, to)):
        move(video.pk, to, room=room, by=producer)
        video.refresh_from_db()
        assert video.stage == to


def test_a_move_is_on_record_with_its_actor_its_time_and_its_note(producer):
    video = VideoFactory()
    before = timezone.now()
    move(video.pk, Stage.PLANNED, room="planning", by=producer, note="Agreed on Monday")
    record = video.moves.get()
    assert (record.was, record.now, record.room, record.by, record.note) == (
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


def test_a_refused_move_says_the_guards_reason_and_leaves_nothing(producer):
    video = VideoFactory()
    with pytest.raises(MoveRefused) as refused:
        move(
            video.pk, Stage.PLANNED, room="planning", by=producer, guard=lambda video: "Not today."
        )
    assert refused.value.messages == ["Not today."]
    video.refresh_from_db()
    assert (video.stage, list(video.moves.all())) == (Stage.IDEA, [])
    assert not ModelLogEntry.objects.exists()


def test_the_guard_is_asked_in_the_transaction_of_the_move_and_sees_the_row_as_it_is(producer):
    video = VideoFactory(title="Old title")
    type(video).objects.filter(pk=video.pk).update(title="New title")
    seen = []

    def guard(row):
        seen.append((row.title, connection.in_atomic_block))

    move(video.pk, Stage.PLANNED, room="planning", by=producer, guard=guard)
    assert seen == [("New title", True)]


def test_who_follows_a_move_can_undo_it_by_refusing(producer):
    def refuse(**kwargs):
        raise MoveRefused("Not for us.")

    video = VideoFactory()
    moved.connect(refuse)
    try:
        with pytest.raises(MoveRefused):
            move(video.pk, Stage.PLANNED, room="planning", by=producer)
    finally:
        moved.disconnect(refuse)
    video.refresh_from_db()
    assert (video.stage, list(video.moves.all())) == (Stage.IDEA, [])


def test_the_first_publication_is_kept_when_a_video_returns(producer):
    first = timezone.now() - dt.timedelta(days=3)
    video = VideoFactory(stage=Stage.APPROVED)
    move(video.pk, Stage.PUBLISHED, room="publishing", by=None, at=first)
    move(video.pk, Stage.RETIRED, room="publishing", by=producer)
    move(video.pk, Stage.PUBLISHED, room="publishing", by=producer)
    video.refresh_from_db()
    assert video.published_at == first


def test_review_sends_a_video_back_to_editing_with_a_note(producer):
    video = VideoFactory(stage=Stage.REVIEW)
    send_back(video.pk, by=producer, note="The price is wrong.")
    assert [(m.was, m.now, m.note) for m in video.moves.all()] == [
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
        and not path.match("videos/deals/*")  # a deal has a stage of its own
        and "migrations" not in path.parts
    }
    assert found == {"videos/planning/stages.py"}


def test_a_move_by_the_studio_itself_has_no_actor():
    UserFactory()
    video = VideoFactory(stage=Stage.APPROVED)
    move(video.pk, Stage.PUBLISHED, room="publishing", by=None)
    assert video.moves.get().by is None
