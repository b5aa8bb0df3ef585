"""What the budget does when a video moves."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets.estimates import decline, undecided
from budgets.ledger import release
from studio.people.models import User
from videos.planning.models import Stage, StageTransition, Video


def settle(
    sender: type[Video], video: Video, transition: StageTransition, by: User | None, **kwargs: Any
) -> None:
    """Published or cancelled: what is left is released, and no estimate waits any longer.

    Runs in the move's transaction, under its lock of the video.
    """
    if video.stage == Stage.PUBLISHED:
        reason = _("The video was published.")
    elif video.stage == Stage.CANCELLED:
        reason = _("The video was cancelled.")
    else:
        return
    release(video, by=by, note=reason, posted_on=timezone.localdate(transition.at))
    if waiting := undecided(video):
        decline(waiting.pk, by=by, reason=reason)
