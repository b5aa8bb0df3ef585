"""The stages of a video: one table of moves, and the one function that makes them."""

import datetime as dt
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.planning.models import Move, Stage, Video

Guard = Callable[[Video], str | None]

# (from, to): the room that may make the move
MOVES: dict[tuple[Stage, Stage], str] = {
    (Stage.IDEA, Stage.PLANNED): "planning",
    (Stage.PLANNED, Stage.IDEA): "planning",
    (Stage.PLANNED, Stage.GREENLIT): "budgets",
    (Stage.GREENLIT, Stage.SCHEDULED): "planning",
    (Stage.SCHEDULED, Stage.GREENLIT): "planning",
    (Stage.SCHEDULED, Stage.SHOT): "planning",
    (Stage.SHOT, Stage.EDITING): "planning",
    (Stage.SHOT, Stage.REVIEW): "media",
    (Stage.EDITING, Stage.REVIEW): "media",
    (Stage.APPROVED, Stage.REVIEW): "media",
    (Stage.REVIEW, Stage.APPROVED): "review",
    (Stage.REVIEW, Stage.EDITING): "planning",
    (Stage.APPROVED, Stage.EDITING): "planning",
    (Stage.APPROVED, Stage.PUBLISHED): "publishing",
    (Stage.PUBLISHED, Stage.RETIRED): "publishing",
    (Stage.RETIRED, Stage.PUBLISHED): "publishing",
    **{
        (stage, Stage.CANCELLED): "planning"
        for stage in Stage
        if stage not in {Stage.PUBLISHED, Stage.RETIRED, Stage.CANCELLED}
    },
}

# Sent inside the transaction of a move, with `video`, `move` (the Move on record) and `by`: the
# rooms below follow a move here, for planning does not know them.
moved = Signal()


class MoveRefused(ValidationError):
    """The stage stays as it is; the message says which guard failed."""


def free(video: Video) -> None:
    """The guard that lets everything pass."""


def not_a_move(video: Video, to: Stage, room: str) -> str:
    """Why `room` may not move `video` to `to`."""
    return _("“%(title)s” cannot go from “%(was)s” to “%(to)s” here.") % {
        "title": video.title,
        "was": Stage(video.stage).label,
        "to": to.label,
    }


def move(
    video_id: int,
    to: Stage,
    *,
    room: str,
    by: User | None,
    guard: Guard = free,
    note: str = "",
    at: dt.datetime | None = None,
) -> Video:
    """Move a video along MOVES, on record.

    `guard(video)` is asked under the lock and returns why not, or None. `by` is None only for
    the studio itself (a schedule). `at` (default: now) is when it happened. Raises MoveRefused.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        if MOVES.get((Stage(video.stage), to)) != room:
            raise MoveRefused(not_a_move(video, to, room), code="not_a_move")
        if reason := guard(video):
            raise MoveRefused(reason, code="guard")
        record = Move.objects.create(
            video=video,
            was=video.stage,
            now=to,
            room=room,
            by=by,
            at=at or timezone.now(),
            note=note,
        )
        video.stage = to
        fields = ["stage"]
        if to == Stage.PUBLISHED and video.published_at is None:
            video.published_at = record.at
            fields.append("published_at")
        video.save(update_fields=fields)
        log(
            video,
            "planning.move",
            user=by,
            data={"was": record.was, "now": record.now, "note": note},
        )
        moved.send(sender=Video, video=video, move=record, by=by)
    return video


def send_back(video_id: int, *, by: User, note: str, at: dt.datetime | None = None) -> Video:
    """Back to editing, because the review asks for changes. Raises MoveRefused."""
    return move(video_id, Stage.EDITING, room="planning", by=by, note=note, at=at)
