"""The conditions for planning's stage transitions: pure functions on plain values.

Each returns why the transition is refused, or None.
"""

import datetime as dt
from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _


def plan(*, title: str, experts: int, planned_for: dt.date | None) -> str | None:
    """A planned video has a title, an expert on camera and a planned publishing day."""
    missing = [
        name
        for name, there in (
            (_("a title"), bool(title.strip())),
            (_("an expert on camera"), experts > 0),
            (_("a planned publishing day"), planned_for is not None),
        )
        if not there
    ]
    if not missing:
        return None
    return _("Before you can plan the video, it needs %(missing)s.") % {
        "missing": get_text_list(missing, _("and"))
    }


def schedule(*, booked: int) -> str | None:
    """A scheduled video has a booked shoot."""
    return None if booked else _("Book a shoot to schedule it.")


def unschedule(*, booked: int) -> str | None:
    """A video with a booked shoot stays scheduled."""
    return _("A shoot is booked. Cancel the shoot first.") if booked else None


def shot(*, starts: Sequence[dt.datetime], now: dt.datetime) -> str | None:
    """A video is shot once one of its shoots has started."""
    if not starts:
        return _("No shoot is booked.")
    return None if min(starts) <= now else _("The shoot has not started yet.")


def edit(*, shot: bool) -> str | None:
    """After the shoot a video may be edited; from review only a reviewer sends it back."""
    return None if shot else _("A reviewer can send it back with a note on what to change.")


def cancel(*, reason: str) -> str | None:
    """A cancellation needs a reason."""
    return None if reason.strip() else _("Say why the video is cancelled.")
