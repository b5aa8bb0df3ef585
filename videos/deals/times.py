"""Parses ISO 8601 times and days in the one documented format."""

import datetime as dt
import re

# The range that every database and every time zone can represent.
FIRST, LAST = dt.datetime(2, 1, 1, tzinfo=dt.UTC), dt.datetime(9998, 12, 31, tzinfo=dt.UTC)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(
    DAY.pattern + r"(?P<time>[T ]\d\d:\d\d(:\d\d(\.\d+)?)?"
    r"(?P<offset>Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?)?",
    re.ASCII,
)


class WithoutOffset(ValueError):
    """A time without a UTC offset."""


def instant_of(text: str) -> dt.datetime:
    """Parses a time such as 2026-03-31T18:00:00.25+02:00, keeping its offset.

    Digits beyond microseconds are dropped. Raises WithoutOffset, and ValueError if the text is not
    a time or out of range.
    """
    found = INSTANT.fullmatch(text.upper())
    if not found:
        raise ValueError(text)
    instant = dt.datetime.fromisoformat(found.group())
    if not found["offset"]:
        raise WithoutOffset(text)
    try:
        instant.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError(text) from None
    return instant


def day_of(text: str) -> dt.date:
    """Parses a day such as 2026-03-31. Raises ValueError."""
    if not DAY.fullmatch(text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)
