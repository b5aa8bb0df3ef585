"""What planning asks before it moves a video: pure, on plain values.

Each guard returns why not, in one sentence, or None.
"""

import datetime as dt
from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _


def plan(*, title: str, experts: int, planned_for: dt.date | None) -> str | None:
    """A planned video has a title, somebody on camera and a day to be published on."""
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
    return _("Before it can be planned, the video needs %(missing)s.") % {
        "missing": get_text_list(missing, _("and"))
    }


def schedule(*, booked: int) -> str | None:
    """A scheduled video has a booked shoot."""
    return None if booked else _("It is scheduled by booking a shoot, and none is booked.")


def unschedule(*, booked: int) -> str | None:
    """A video with a booked shoot stays scheduled."""
    return _("A shoot is booked for it. Cancel that first.") if booked else None


def shot(*, starts: Sequence[dt.datetime], now: dt.datetime) -> str | None:
    """A video is shot once a booked shoot of it has begun."""
    if not starts:
        return _("No shoot is booked for it.")
    return None if min(starts) <= now else _("Its shoot has not begun yet.")


def edit(*, shot: bool) -> str | None:
    """A video that was shot may be edited; one in review comes back with the reviewer's note."""
    return None if shot else _("Whoever reviews it sends it back, with a note on what to change.")


def cancel(*, reason: str) -> str | None:
    """A video is cancelled for a reason that others can read."""
    return None if reason.strip() else _("Say why the video is cancelled.")
