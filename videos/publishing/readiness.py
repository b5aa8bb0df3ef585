"""What a page needs before it can be published. Each check returns why not, or None."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from wagtail.locks import BasicLock
from wagtail.models import Page

from studio.people.models import User
from videos.media.cuts.carry_over import Losses
from videos.media.models import Cut
from videos.planning.models import Stage, Video

PUBLISHABLE_STAGES = {Stage.APPROVED, Stage.PUBLISHED, Stage.RETIRED}


# The cut that a person chose to publish, after reading what viewers lose with it
CHOSEN_CUT: ContextVar[Cut | None] = ContextVar("chosen_cut", default=None)


@contextmanager
def publishing_cut(cut: Cut) -> Iterator[None]:
    """A context in which publishing uses this cut, also for a page that is live.

    The cut may lack parts that viewers have now: whoever chose it confirmed that.
    """
    token = CHOSEN_CUT.set(cut)
    try:
        yield
    finally:
        CHOSEN_CUT.reset(token)


class PublishRefused(ValidationError):
    """The page stays as it is; the message says why."""

    def __init__(self, reason: str) -> None:
        super().__init__({NON_FIELD_ERRORS: ValidationError(reason, "publish_refused")})


def publish_blocker(video: Video, approved: Cut | None) -> str | None:
    """Why the page of a video cannot be published.

    `approved` is the video's `approved_cut`.
    """
    if approved is None:
        return _("“%(title)s” has no approved cut. Have the newest cut reviewed first.") % {
            "title": video.title
        }
    if video.stage not in PUBLISHABLE_STAGES:
        return _(
            "“%(title)s” is in the stage “%(stage)s”. Only approved videos can be published."
        ) % {
            "title": video.title,
            "stage": Stage(video.stage).label,
        }
    return None


def lock_blocker(page: Page, user: User | AnonymousUser) -> str | None:
    """Why a user who may publish a page cannot: somebody else locked it."""
    if not page.locked or not BasicLock(page).for_user(user):
        return None  # a scheduled page is locked for editing only; it can be published earlier
    if page.locked_by is None:
        return _("“%(title)s” is locked. Nobody can change its page until it is unlocked.") % {
            "title": page.title
        }
    return _(
        "“%(title)s” is locked by %(who)s. Nobody else can change its page until it is unlocked."
    ) % {"title": page.title, "who": page.locked_by}


def chosen_cut_blocker(chosen: Cut, approved: Cut | None) -> str | None:
    """Why the chosen cut cannot be published: it is no longer the approved one."""
    if approved and approved.pk == chosen.pk:
        return None
    if approved is None:
        return _("You chose cut %(chosen)d, but no cut is approved any more.") % {
            "chosen": chosen.number
        }
    return _(
        "You chose cut %(chosen)d, but cut %(approved)d is the approved one now."
        " Watch it, then choose again."
    ) % {"chosen": chosen.number, "approved": approved.number}


def loss_blocker(missing: Losses, new: Cut) -> str | None:
    """Why a cut cannot be published that lacks parts viewers have, unless that was confirmed."""
    if not missing:
        return None
    return _(
        "Cut %(number)d does not have everything that viewers have now: %(what)s."
        " On the video's page, carry it over, or publish without it."
    ) % {"number": new.number, "what": missing.in_words}
