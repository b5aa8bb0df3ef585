"""The allowed stage transitions of a video, and the only function that makes one."""

import datetime as dt
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.planning.log_actions import STAGE_CHANGED
from videos.planning.models import Stage, StageTransition, Video

Guard = Callable[[Video], str | None]

# (from, to): the app that may make the transition
TRANSITIONS: dict[tuple[Stage, Stage], str] = {
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

# Sent inside the transaction of a transition, with `video`, `transition` (the StageTransition on
# record) and `by`: apps that planning must not import react here.
stage_changed = Signal()


class TransitionRefused(ValidationError):
    """The stage stays as it is; the message says which guard failed."""


def no_guard(video: Video) -> None:
    """A guard that allows every transition."""


def not_a_transition(video: Video, to: Stage) -> str:
    """Why a video may not go to `to`."""
    return _("“%(title)s” cannot go from “%(from_stage)s” to “%(to_stage)s” here.") % {
        "title": video.title,
        "from_stage": Stage(video.stage).label,
        "to_stage": to.label,
    }


def change_stage(
    video_id: int,
    to: Stage,
    *,
    room: str,
    by: User | None,
    guard: Guard = no_guard,
    note: str = "",
    at: dt.datetime | None = None,
) -> Video:
    """Change the stage of a video along TRANSITIONS, on record.

    `room` is the app that makes the transition. `guard(video)` is called under the video's lock and
    returns why not, or None. `by` is None only for the studio itself (a schedule). `at` (default:
    now) is when it happened. Raises TransitionRefused.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().get(pk=video_id)
        if TRANSITIONS.get((Stage(video.stage), to)) != room:
            raise TransitionRefused(not_a_transition(video, to), code="not_a_transition")
        if reason := guard(video):
            raise TransitionRefused(reason, code="guard")
        transition = StageTransition.objects.create(
            video=video,
            from_stage=video.stage,
            to_stage=to,
            room=room,
            by=by,
            at=at or timezone.now(),
            note=note,
        )
        video.stage = to
        fields = ["stage"]
        if to == Stage.PUBLISHED and video.published_at is None:
            video.published_at = transition.at
            fields.append("published_at")
        video.save(update_fields=fields)
        log(
            video,
            STAGE_CHANGED,
            user=by,
            data={"was": transition.from_stage, "now": transition.to_stage, "note": note},
        )
        stage_changed.send(sender=Video, video=video, transition=transition, by=by)
    return video


def send_back(video_id: int, *, by: User, note: str, at: dt.datetime | None = None) -> Video:
    """Send a video back to editing with a reviewer's note. Raises TransitionRefused."""
    return change_stage(video_id, Stage.EDITING, room="planning", by=by, note=note, at=at)
