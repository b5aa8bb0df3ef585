"""What a video needs before its page may go live."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from wagtail.locks import BasicLock
from wagtail.models import Page

from studio.people.models import User
from videos.media.carrying import Losses
from videos.media.models import Cut
from videos.planning.models import Stage, Video

OPEN_STAGES = {Stage.APPROVED, Stage.PUBLISHED, Stage.RETIRED}


# Set where a person reads which cut goes public and what viewers lose with it, and publishes it
CHOSEN: ContextVar[Cut | None] = ContextVar("chosen_cut", default=None)


@contextmanager
def choosing(cut: Cut) -> Iterator[None]:
    """A context in which publishing is for this cut and no other, also on a page that is live.

    It may lack what viewers have with the one before: whoever chose it has read that.
    """
    token = CHOSEN.set(cut)
    try:
        yield
    finally:
        CHOSEN.reset(token)


class PublishRefused(ValidationError):
    """The page stays as it is; the message says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__({NON_FIELD_ERRORS: ValidationError(reason, "publish_refused")})


def why_not(video: Video, approved: Cut | None) -> str | None:
    """What keeps the page of a video from going live, in one sentence; None when nothing does.

    `approved` is the video's `approved_cut`.
    """
    if approved is None:
        return _("“%(title)s” has no approved cut. Let the newest cut be reviewed first.") % {
            "title": video.title
        }
    if video.stage not in OPEN_STAGES:
        return _("“%(title)s” is in the stage “%(stage)s”, and only approved videos go live.") % {
            "title": video.title,
            "stage": Stage(video.stage).label,
        }
    return None


def why_locked(page: Page, user: User | AnonymousUser) -> str | None:
    """Why a user does not publish a page although they may: somebody else locked it."""
    if not page.locked or not BasicLock(page).for_user(user):
        return None  # a schedule locks the editor alone: who publishes now goes before it
    if page.locked_by is None:
        return _("“%(title)s” is locked. Its page stays as it is until somebody unlocks it.") % {
            "title": page.title
        }
    return _(
        "“%(title)s” is locked by %(who)s. Its page stays as it is until somebody unlocks it."
    ) % {"title": page.title, "who": page.locked_by}


def why_not_chosen(chosen: Cut, approved: Cut | None) -> str | None:
    """Why the cut that somebody chose does not go live: it is not the approved one by now."""
    if approved and approved.pk == chosen.pk:
        return None
    if approved is None:
        return _("You chose cut %(chosen)d, and no cut is approved any more.") % {
            "chosen": chosen.number
        }
    return _(
        "You chose cut %(chosen)d, but cut %(approved)d is the approved one by now."
        " Watch it, then choose again."
    ) % {"chosen": chosen.number, "approved": approved.number}


def why_not_without(missing: Losses, new: Cut) -> str | None:
    """Why a cut is refused where nobody said that viewers would miss something in it."""
    if not missing:
        return None
    return _(
        "Cut %(number)d lacks what viewers have now: %(what)s."
        " On the page of the video, carry it over, or publish without it."
    ) % {"number": new.number, "what": missing.in_words}
