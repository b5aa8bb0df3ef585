"""Moments of a cut, as people write them."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WRITTEN = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)", re.ASCII)


def time_code(seconds: Decimal) -> str:
    """`1:23`, or `1:02:03.5`: hours and tenths only where there are any."""
    tenths = int(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    whole, tenth = divmod(rest, 10)
    text = f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"
    return f"{text}.{tenth}" if tenth else text


def seconds_of(text: str) -> Decimal:
    """The seconds that `1:23`, `83`, `1:02:03.5` stand for. Raises ValidationError."""
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValidationError(_("Please write the time as minutes and seconds, say 1:23."))
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Decimal(seconds.replace(",", "."))
