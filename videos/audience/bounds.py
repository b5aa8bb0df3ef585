"""How far one report can move a view: its start, its seconds, its ranges. Pure."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

MOST_ELAPSED = 600  # seconds; a report that says more is taken to say this
MOST_RANGES = 300  # that a view keeps
FASTEST = 2  # players go to double speed
GRACE_SECONDS = 5
A_MICROSECOND = dt.timedelta(microseconds=1)


def began(received_at: dt.datetime, elapsed: float) -> dt.datetime:
    """When a view began by a report that arrived `elapsed` seconds after, MOST_ELAPSED at most."""
    return received_at - dt.timedelta(seconds=min(elapsed, MOST_ELAPSED))


def not_before(start: dt.datetime, limits: Iterable[dt.datetime | None]) -> dt.datetime:
    """The start, or the latest of the limits that it lies before; None limits nothing."""
    return max([start, *(limit for limit in limits if limit is not None)])


def credible_seconds(
    played: Decimal, started_at: dt.datetime, new_range_at: dt.datetime
) -> Decimal:
    """The distinct seconds played, as far as the server's clock allows.

    A player at double speed plays two seconds a second; `new_range_at` is when the latest report
    arrived that brought a range not known before.
    """
    passed = Decimal((new_range_at - started_at) // A_MICROSECOND) / 1_000_000
    return min(played, max(FASTEST * passed + GRACE_SECONDS, Decimal(0)))
