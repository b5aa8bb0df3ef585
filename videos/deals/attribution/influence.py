"""The influence report: which videos touched which deals, and how much credit each one gets.

Pure functions: the same input and parameters always give the same report. Money is in minor units
of the report's currency.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from studio.formats.money import round_minor
from studio.formats.plain_numbers import BEFORE
from videos.deals.attribution.compare import Comparison, compare_at_landmark, compare_by_touch
from videos.deals.attribution.credit import MODELS, TouchTimeline, split
from videos.deals.attribution.input import AttributionInput, Deal, ReportParams
from videos.deals.attribution.touches import DAY, DealTouches, Touch, touches_by_deal

RATE_DAYS = 7  # how many days before the close a rate may be from


class ExclusionReason(Enum):
    """Why a won deal is left out of the sums: no amount, no rate, or an amount out of bounds."""

    AMOUNT = "amount"
    RATE = "rate"
    BOUNDS = "bounds"


class AmountNotConverted(ValidationError):
    """A deal's amount cannot be told in the report's currency; `lack` is why."""

    exclusion: ClassVar[ExclusionReason]


class MissingRate(AmountNotConverted):
    """There is no rate of exchange for a deal's amount."""

    exclusion = ExclusionReason.RATE

    def __init__(self, deal: Deal, to_currency: str, day: dt.date) -> None:
        text = _(
            "Deal %(deal)s: there is no rate from %(from)s to %(to)s for %(day)s or the seven "
            "days before."
        )
        facts = {"deal": deal.id, "from": deal.currency, "to": to_currency, "day": day.isoformat()}
        super().__init__(text, "missing_rate", facts)


class AmountOutOfBounds(AmountNotConverted):
    """A deal's amount, stored before amounts were limited, is too large."""

    exclusion = ExclusionReason.BOUNDS

    def __init__(self, deal: Deal) -> None:
        text = _(
            "Deal %(deal)s: its amount is out of bounds, with more than %(most)s digits before "
            "the point. Correct it first."
        )
        super().__init__(text, "out_of_bounds", {"deal": deal.id, "most": BEFORE})


@dataclass(frozen=True, slots=True)
class WonDeal:
    """A won deal of the report, with its converted amount and the credit of each touch.

    `day` is the day of its close. `minor` is None and `parts` empty when `exclusion` is set.
    """

    deal_touches: DealTouches
    day: dt.date
    minor: int | None
    parts: Sequence[int] = ()
    exclusion: ExclusionReason | None = None

    @property
    def deal(self) -> Deal:
        return self.deal_touches.deal

    @property
    def touches(self) -> Sequence[Touch]:
        return self.deal_touches.touches

    @property
    def video_ids(self) -> set[str]:
        """The ids of the videos that touched the deal."""
        return {touch.view.video for touch in self.touches}

    @property
    def credit(self) -> dict[str, int]:
        """The credit of each video, by id; empty without an amount."""
        if self.minor is None:
            return {}
        credit = dict.fromkeys(sorted(self.video_ids), 0)
        for touch, part in zip(self.touches, self.parts, strict=True):
            credit[touch.view.video] += part
        return credit


@dataclass(frozen=True, slots=True)
class VideoInfluence:
    """The influence of one video on the won deals of the report."""

    id: str
    title: str
    touches: int
    deals: int
    revenue: int
    credit: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals over the won deals of the report, each counted once. The last three are deal ids."""

    won_deals: int
    won_revenue: int
    influenced_deals: int
    influenced_revenue: int
    without_amount: Sequence[str]
    without_rate: Sequence[str]
    out_of_bounds: Sequence[str]


@dataclass(frozen=True, slots=True)
class InfluenceReport:
    """An influence report.

    `won` are the won deals of the period, `deals` the influenced ones among them, `closed` all
    deals that closed in the period. `open` are all open deals, whatever the period.
    """

    params: ReportParams
    totals: Totals
    videos: Sequence[VideoInfluence]
    won: Sequence[WonDeal]
    closed: Sequence[DealTouches]
    open: Sequence[DealTouches]
    compared_all: Comparison
    compared_landmark: Comparison

    @property
    def deals(self) -> list[WonDeal]:
        """The influenced won deals, ordered by id."""
        return [deal for deal in self.won if deal.touches]


def close_day(closed_at: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """Returns the day of a close in the time zone `zone`."""
    return closed_at.astimezone(zone).date()


def in_period(closed_at: dt.datetime, params: ReportParams) -> bool:
    """Whether a deal closed in the report's period."""
    day = close_day(closed_at, params.zone)
    return (params.from_day is None or params.from_day <= day) and (
        params.to_day is None or day <= params.to_day
    )


def converted(
    deal: Deal, day: dt.date, currency: str, rates: Mapping[tuple[str, str, dt.date], Decimal]
) -> int | None:
    """A deal's amount in minor units of `currency`, rounded half up once; None if unknown.

    Takes the rate of `day` or the latest of the seven days before; a rate out of bounds is none.
    Raises MissingRate, AmountOutOfBounds.
    """
    if deal.amount is None:
        return None
    if not deal.amount.is_finite():
        raise AmountOutOfBounds(deal)
    if deal.currency == currency:
        return round_minor(deal.amount, currency)
    for back in range(RATE_DAYS + 1):
        rate = rates.get((deal.currency, currency, day - back * DAY))
        if rate is not None and rate.is_finite():
            return round_minor(Fraction(deal.amount) * Fraction(rate), currency)
    raise MissingRate(deal, currency, day)


def won_deal(deal_touches: DealTouches, params: ReportParams, data: AttributionInput) -> WonDeal:
    """Converts a won deal's amount and splits it over the deal's touches.

    Raises MissingRate and AmountOutOfBounds, unless `params.skip_missing_rates` is set.
    """
    assert deal_touches.closed_at is not None
    day = close_day(deal_touches.closed_at, params.zone)
    try:
        minor = converted(deal_touches.deal, day, params.currency, data.rates)
    except AmountNotConverted as refusal:
        if not params.skip_missing_rates:
            raise
        return WonDeal(deal_touches, day, None, exclusion=refusal.exclusion)
    if minor is None:
        return WonDeal(deal_touches, day, None, exclusion=ExclusionReason.AMOUNT)
    if not deal_touches.touches:
        return WonDeal(deal_touches, day, minor)
    created_at = deal_touches.deal.created_at
    timeline = TouchTimeline(
        starts=[touch.view.started_at for touch in deal_touches.touches],
        lead=deal_touches.known_at or created_at,
        deal=created_at,
    )
    return WonDeal(deal_touches, day, minor, split(minor, MODELS[params.model].weights(timeline)))


def influence_by_video(won: Sequence[WonDeal], titles: Mapping[str, str]) -> list[VideoInfluence]:
    """Returns the influence of every video with a touch, by credit (highest first), then by id."""
    touches: dict[str, int] = defaultdict(int)
    by_video: dict[str, list[WonDeal]] = defaultdict(list)
    for deal in won:
        for touch in deal.touches:
            touches[touch.view.video] += 1
        for video in deal.video_ids:
            by_video[video].append(deal)
    lines = [
        VideoInfluence(
            id=video,
            title=titles[video],
            touches=touches[video],
            deals=len(deals),
            revenue=sum(deal.minor or 0 for deal in deals),
            credit=sum(deal.credit.get(video, 0) for deal in deals),
        )
        for video, deals in by_video.items()
    ]
    return sorted(lines, key=lambda line: (-line.credit, line.id))


def totals(won: Sequence[WonDeal]) -> Totals:
    """Adds up the won deals of a report."""
    influenced = [deal for deal in won if deal.touches]

    def excluded_deals(exclusion: ExclusionReason) -> list[str]:
        return sorted(deal.deal.id for deal in won if deal.exclusion == exclusion)

    return Totals(
        won_deals=len(won),
        won_revenue=sum(deal.minor or 0 for deal in won),
        influenced_deals=len(influenced),
        influenced_revenue=sum(deal.minor or 0 for deal in influenced),
        without_amount=excluded_deals(ExclusionReason.AMOUNT),
        without_rate=excluded_deals(ExclusionReason.RATE),
        out_of_bounds=excluded_deals(ExclusionReason.BOUNDS),
    )


def build_report(data: AttributionInput, params: ReportParams) -> InfluenceReport:
    """Builds the influence report.

    Raises MissingRate and AmountOutOfBounds for the report's won deals, unless
    `params.skip_missing_rates` is set.
    """
    deals = touches_by_deal(data, params)
    closed = [deal for deal in deals if deal.closed_at and in_period(deal.closed_at, params)]
    won = [won_deal(deal, params, data) for deal in closed if deal.is_won]
    return InfluenceReport(
        params=params,
        totals=totals(won),
        videos=influence_by_video(won, {video.id: video.title for video in data.videos}),
        won=won,
        closed=closed,
        open=[deal for deal in deals if deal.closed_at is None],
        compared_all=compare_by_touch(closed),
        compared_landmark=compare_at_landmark(closed, params.landmark_days),
    )
