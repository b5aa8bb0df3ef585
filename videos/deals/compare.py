"""Deals with video beside deals without: close rates and lengths of the sales cycle."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, sqrt

from videos.deals.touches import DAY, Followed, span

MICROSECOND = dt.timedelta(microseconds=1)
Z = 1.959964  # the normal distribution's 97.5% point
FEW = 20  # closed deals a side, below which nothing can be told

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Closed deals on one side of a comparison. Rates from 0 to 1, days of 24 hours."""

    deals: Sequence[Followed]
    closed: int
    won: int
    close_rate: float | None
    close_rate_interval: Interval | None
    median_days: float | None
    median_days_interval: Interval | None

    @property
    def is_few(self) -> bool:
        """Whether there are too few deals to tell."""
        return self.closed < FEW


@dataclass(frozen=True, slots=True)
class Comparison:
    """Deals that have a touch, and deals that have none."""

    with_video: Side
    without: Side


def wilson(won: int, closed: int) -> Interval:
    """The 95% interval of a rate of `won` in `closed` ≥ 1, without continuity correction.

    E. B. Wilson, “Probable inference, the law of succession, and statistical inference”, 1927.
    """
    rate = won / closed
    scale = 1 + Z**2 / closed
    middle = (rate + Z**2 / (2 * closed)) / scale
    reach = Z * sqrt(rate * (1 - rate) / closed + Z**2 / (4 * closed**2)) / scale
    low = 0.0 if won == 0 else max(0.0, middle - reach)
    high = 1.0 if won == closed else min(1.0, middle + reach)
    return low, high


def median_rank(count: int) -> int:
    """The largest k with P(Bin(count, ½) < k) ≤ 0.025; 0 where there is none above."""
    ways, below = 0, 0
    while below < count:
        ways += comb(count, below)
        if ways * 40 > 2**count:
            break
        below += 1
    return below


def in_days(microseconds: Fraction | int) -> float:
    """So many microseconds in days of 24 hours, unrounded."""
    return float(Fraction(microseconds) / (DAY // MICROSECOND))


def median(numbers: Sequence[int]) -> Fraction:
    """The median of sorted numbers, at least one."""
    half = len(numbers) // 2
    return Fraction(numbers[half] + numbers[-half - 1], 2)


def side(deals: Sequence[Followed]) -> Side:
    """What closed deals on one side show."""
    won = [deal for deal in deals if deal.is_won]
    spans = sorted(
        (deal.closed_at - deal.deal.created_at) // MICROSECOND for deal in won if deal.closed_at
    )
    rank = median_rank(len(spans))
    return Side(
        deals=deals,
        closed=len(deals),
        won=len(won),
        close_rate=len(won) / len(deals) if deals else None,
        close_rate_interval=wilson(len(won), len(deals)) if deals else None,
        median_days=in_days(median(spans)) if spans else None,
        median_days_interval=((in_days(spans[rank - 1]), in_days(spans[-rank])) if rank else None),
    )


def compare(deals: Sequence[Followed], is_with: Callable[[Followed], bool]) -> Comparison:
    """Closed deals on either side of `is_with`."""
    return Comparison(
        with_video=side([deal for deal in deals if is_with(deal)]),
        without=side([deal for deal in deals if not is_with(deal)]),
    )


def by_touch(deals: Sequence[Followed]) -> Comparison:
    """Closed deals that have a touch beside those that have none."""
    return compare(deals, lambda deal: bool(deal.touches))


def at_landmark(deals: Sequence[Followed], landmark_days: int) -> Comparison:
    """The fair comparison: only touches before the landmark count, and only deals open until it.

    A deal that lives longer collects more views; `landmark_days` × 24 h after its creation each
    deal has had the same time to.
    """
    age = span(landmark_days)

    def is_early(deal: Followed, instant: dt.datetime) -> bool:
        return instant - deal.deal.created_at < age

    def is_with(deal: Followed) -> bool:
        return any(is_early(deal, touch.view.started_at) for touch in deal.touches)

    alive = [deal for deal in deals if deal.closed_at and not is_early(deal, deal.closed_at)]
    return compare(alive, is_with)
