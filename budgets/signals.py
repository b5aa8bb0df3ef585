"""Receivers of planning's signals."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from budgets.estimates import decline, undecided
from budgets.ledger import release
from studio.people.models import User
from videos.planning.models import Stage, StageTransition, Video


def release_budget(
    sender: type[Video], video: Video, transition: StageTransition, by: User | None, **kwargs: Any
) -> None:
    """Release the commitments of a published or cancelled video, and decline its open estimate.

    Runs in the transaction of the stage transition, which has locked the video.
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
