"""Limits on what one report can change of a view: start, seconds, ranges. Pure functions."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

MAX_ELAPSED_SECONDS = 600  # seconds; larger values are reduced to this
MAX_RANGES_PER_VIEW = 300  # stored with one view
MAX_PLAYBACK_RATE = 2  # the player offers up to double speed
GRACE_SECONDS = 5
A_MICROSECOND = dt.timedelta(microseconds=1)


def start_from_elapsed(received_at: dt.datetime, elapsed: float) -> dt.datetime:
    """The start of a view, from a report that arrived `elapsed` seconds later.

    `elapsed` is taken as MAX_ELAPSED_SECONDS at most.
    """
    return received_at - dt.timedelta(seconds=min(elapsed, MAX_ELAPSED_SECONDS))


def clamp_start(start: dt.datetime, limits: Iterable[dt.datetime | None]) -> dt.datetime:
    """The start, or the latest of the limits if that is later. None is no limit."""
    return max([start, *(limit for limit in limits if limit is not None)])


def cap_seconds_watched(
    played: Decimal, started_at: dt.datetime, new_range_at: dt.datetime
) -> Decimal:
    """The distinct seconds played, capped at what is possible by the server's clock.

    At double speed a player plays two seconds a second. `new_range_at` is when the latest report
    with a new range arrived.
    """
    passed = Decimal((new_range_at - started_at) // A_MICROSECOND) / 1_000_000
    return min(played, max(MAX_PLAYBACK_RATE * passed + GRACE_SECONDS, Decimal(0)))
