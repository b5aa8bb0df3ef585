"""Compares deals with and without video: close rate and length of the sales cycle."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, sqrt

from videos.deals.attribution.touches import DAY, DealTouches, days_delta

MICROSECOND = dt.timedelta(microseconds=1)
Z = 1.959964  # the normal distribution's 97.5% point
FEW = 20  # with fewer closed deals on a side, the report says “too few to tell”

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Closed deals on one side of a comparison. Rates are from 0 to 1, days are 24 hours."""

    deals: Sequence[DealTouches]
    closed: int
    won: int
    close_rate: float | None
    close_rate_interval: Interval | None
    median_days: float | None
    median_days_interval: Interval | None

    @property
    def is_few(self) -> bool:
        """Whether there are too few deals for a conclusion."""
        return self.closed < FEW


@dataclass(frozen=True, slots=True)
class Comparison:
    """Closed deals with a touch, and closed deals without one."""

    with_video: Side
    without: Side


def wilson(won: int, closed: int) -> Interval:
    """Returns the 95% Wilson interval of `won` / `closed` (≥ 1), without continuity correction.

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
    """Returns the largest k ≥ 1 with P(Bin(count, ½) < k) ≤ 0.025; 0 if there is none."""
    ways, below = 0, 0
    while below < count:
        ways += comb(count, below)
        if ways * 40 > 2**count:
            break
        below += 1
    return below


def in_days(microseconds: Fraction | int) -> float:
    """Converts microseconds to days of 24 hours, unrounded."""
    return float(Fraction(microseconds) / (DAY // MICROSECOND))


def median(numbers: Sequence[int]) -> Fraction:
    """Returns the median of `numbers`, which are sorted and at least one."""
    half = len(numbers) // 2
    return Fraction(numbers[half] + numbers[-half - 1], 2)


def side(deals: Sequence[DealTouches]) -> Side:
    """Computes the figures of one side of a comparison."""
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


def compare(deals: Sequence[DealTouches], is_with: Callable[[DealTouches], bool]) -> Comparison:
    """Compares the deals for which `is_with` is true with the others."""
    return Comparison(
        with_video=side([deal for deal in deals if is_with(deal)]),
        without=side([deal for deal in deals if not is_with(deal)]),
    )


def compare_by_touch(deals: Sequence[DealTouches]) -> Comparison:
    """Compares closed deals with a touch with those without one."""
    return compare(deals, lambda deal: bool(deal.touches))


def compare_at_landmark(deals: Sequence[DealTouches], landmark_days: int) -> Comparison:
    """Compares deals by their touches before the landmark, among deals open until then.

    The landmark is `landmark_days` × 24 h after a deal's creation. Deals that stay open longer
    collect more views; with a landmark each deal has had the same time to collect them.
    """
    age = days_delta(landmark_days)

    def is_early(deal: DealTouches, instant: dt.datetime) -> bool:
        return instant - deal.deal.created_at < age

    def is_with(deal: DealTouches) -> bool:
        return any(is_early(deal, touch.view.started_at) for touch in deal.touches)

    alive = [deal for deal in deals if deal.closed_at and not is_early(deal, deal.closed_at)]
    return compare(alive, is_with)
