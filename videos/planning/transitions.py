"""The stage transitions that people make in planning, each with its guard."""

from collections.abc import Callable

from django.utils import timezone

from studio.people.models import User
from videos.planning import guards
from videos.planning.models import Stage, Video
from videos.planning.shoots import booked_shoots, has_a_shoot, has_no_shoot
from videos.planning.stages import Guard, change_stage, no_guard


def ready_to_plan(video: Video) -> str | None:
    """The guard of idea → planned."""
    return guards.plan(
        title=video.title, experts=video.experts.count(), planned_for=video.planned_for
    )


def ready_to_be_shot(video: Video) -> str | None:
    """The guard of scheduled → shot."""
    starts = list(booked_shoots(video).values_list("starts_at", flat=True))
    return guards.shot(starts=starts, now=timezone.now())


def ready_to_edit(video: Video) -> str | None:
    """The guard of shot → editing. From review it is `stages.send_back`."""
    return guards.edit(shot=video.stage == Stage.SHOT)


def cancelled_because(reason: str) -> Guard:
    """The guard of a cancellation for this reason."""
    return lambda video: guards.cancel(reason=reason)


GUARDS: dict[Stage, Callable[[str], Guard]] = {
    Stage.IDEA: lambda note: no_guard,
    Stage.PLANNED: lambda note: ready_to_plan,
    Stage.GREENLIT: lambda note: has_no_shoot,
    Stage.SCHEDULED: lambda note: has_a_shoot,
    Stage.SHOT: lambda note: ready_to_be_shot,
    Stage.EDITING: lambda note: ready_to_edit,
    Stage.CANCELLED: cancelled_because,
}


def make_transition(video_id: int, to: Stage, *, by: User, note: str = "") -> Video:
    """Make one of planning's own transitions; `note` is the reason of a cancellation.

    Cancelling a video takes it out of its coming shoots. Raises TransitionRefused.
    """
    guard = GUARDS[to](note) if to in GUARDS else no_guard
    return change_stage(video_id, to, room="planning", by=by, guard=guard, note=note.strip())
