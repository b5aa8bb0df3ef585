"""Times within a video, as people and as WebVTT write them."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WRITTEN = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)", re.ASCII)


def time_code(seconds: Decimal) -> str:
    """The start of something in a video: `1:23`, or `1:02:03.5` with hours and tenths if any."""
    whole, tenth = divmod(int(seconds * 10), 10)
    return f"{clock(whole)}.{tenth}" if tenth else clock(whole)


def length(seconds: float | Decimal | None) -> str:
    """A duration to the nearest second, at least one: `0:07`, `1:02:03`; empty for None."""
    return "" if seconds is None else clock(max(1, round(seconds)))


def clock(seconds: int) -> str:
    """Whole seconds as `0:07`, `12:34` or `1:02:03`."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def webvtt_time(seconds: float) -> str:
    """A WebVTT timestamp with hours and milliseconds: `00:01:02.500`."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, whole = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{whole:02}.{milliseconds:03}"


def seconds_of(text: str) -> Decimal:
    """The seconds of a time such as `1:23`, `83` or `1:02:03.5`. Raises ValidationError."""
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValidationError(_("Write the time as minutes and seconds, for example 1:23."))
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Decimal(seconds.replace(",", "."))
