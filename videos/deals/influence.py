"""The influence report: which videos touched which deals, and what each is credited with.

Pure: the same world and the same terms give the same report for ever. Money is in minor units of
the report's currency.
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

from studio.money import round_minor
from studio.numbers import BEFORE
from videos.deals.compare import Comparison, at_landmark, by_touch
from videos.deals.credit import MODELS, Line, split
from videos.deals.touches import DAY, Followed, Touch, follow
from videos.deals.world import Deal, Terms, World

RATE_DAYS = 7  # how many days before the close a rate may be from


class Lack(Enum):
    """Why a won deal adds nothing to a sum: its amount is unknown, has no rate, or no bounds."""

    AMOUNT = "amount"
    RATE = "rate"
    BOUNDS = "bounds"


class Unconverted(ValidationError):
    """A deal's amount cannot be told in the report's currency; `lack` is why."""

    lack: ClassVar[Lack]


class MissingRate(Unconverted):
    """There is no rate for a deal's amount."""

    lack = Lack.RATE

    def __init__(self, deal: Deal, to_currency: str, day: dt.date) -> None:
        text = _(
            "Deal %(deal)s: there is no rate from %(from)s to %(to)s for %(day)s or the seven "
            "days before."
        )
        facts = {"deal": deal.id, "from": deal.currency, "to": to_currency, "day": day.isoformat()}
        super().__init__(text, "missing_rate", facts)


class AmountOutOfBounds(Unconverted):
    """A deal's amount, written before there were bounds, is too large to be one."""

    lack = Lack.BOUNDS

    def __init__(self, deal: Deal) -> None:
        text = _(
            "Deal %(deal)s: its amount is out of bounds, with more than %(most)s digits before "
            "the point. Put it right first."
        )
        super().__init__(text, "out_of_bounds", {"deal": deal.id, "most": BEFORE})


@dataclass(frozen=True, slots=True)
class WonDeal:
    """A won deal of the report: its amount, and what of it each touch is credited with.

    `day` is the day of its close. `minor` is None and `parts` empty where `lack` says why.
    """

    followed: Followed
    day: dt.date
    minor: int | None
    parts: Sequence[int] = ()
    lack: Lack | None = None

    @property
    def deal(self) -> Deal:
        return self.followed.deal

    @property
    def touches(self) -> Sequence[Touch]:
        return self.followed.touches

    @property
    def video_ids(self) -> set[str]:
        """The distinct videos that touched it."""
        return {touch.view.video for touch in self.touches}

    @property
    def credit(self) -> dict[str, int]:
        """By video, what its touches are credited with; empty without an amount."""
        if self.minor is None:
            return {}
        credit = dict.fromkeys(sorted(self.video_ids), 0)
        for touch, part in zip(self.touches, self.parts, strict=True):
            credit[touch.view.video] += part
        return credit


@dataclass(frozen=True, slots=True)
class VideoLine:
    """A video's part in the won deals of the report."""

    id: str
    title: str
    touches: int
    deals: int
    revenue: int
    credit: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Over the won deals of the report; each deal once. The last three are ids."""

    won_deals: int
    won_revenue: int
    influenced_deals: int
    influenced_revenue: int
    without_amount: Sequence[str]
    without_rate: Sequence[str]
    out_of_bounds: Sequence[str]


@dataclass(frozen=True, slots=True)
class Report:
    """Influence as of an instant. `won` are the won deals of the period, `deals` the influenced of
    them, `closed` all that closed in the period; `open` is not bound to the period, for open deals
    have no close.
    """

    terms: Terms
    totals: Totals
    videos: Sequence[VideoLine]
    won: Sequence[WonDeal]
    closed: Sequence[Followed]
    open: Sequence[Followed]
    compared_all: Comparison
    compared_landmark: Comparison

    @property
    def deals(self) -> list[WonDeal]:
        """The influenced won deals, by id."""
        return [deal for deal in self.won if deal.touches]


def close_day(closed_at: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The day of a close where the studio is."""
    return closed_at.astimezone(zone).date()


def in_period(closed_at: dt.datetime, terms: Terms) -> bool:
    """Whether a deal closed on one of the report's days."""
    day = close_day(closed_at, terms.zone)
    return (terms.from_day is None or terms.from_day <= day) and (
        terms.to_day is None or day <= terms.to_day
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


def won_deal(followed: Followed, terms: Terms, world: World) -> WonDeal:
    """A won deal with its amount split over its touches.

    Raises MissingRate and AmountOutOfBounds, unless the terms say to skip such deals.
    """
    assert followed.closed_at is not None
    day = close_day(followed.closed_at, terms.zone)
    try:
        minor = converted(followed.deal, day, terms.currency, world.rates)
    except Unconverted as refusal:
        if not terms.skip_missing_rates:
            raise
        return WonDeal(followed, day, None, lack=refusal.lack)
    if minor is None:
        return WonDeal(followed, day, None, lack=Lack.AMOUNT)
    if not followed.touches:
        return WonDeal(followed, day, minor)
    created_at = followed.deal.created_at
    line = Line(
        starts=[touch.view.started_at for touch in followed.touches],
        lead=followed.known_at or created_at,
        deal=created_at,
    )
    return WonDeal(followed, day, minor, split(minor, MODELS[terms.model].weights(line)))


def video_lines(won: Sequence[WonDeal], titles: Mapping[str, str]) -> list[VideoLine]:
    """Every video with a touch on a won deal, by credit, highest first, then by id."""
    touches: dict[str, int] = defaultdict(int)
    by_video: dict[str, list[WonDeal]] = defaultdict(list)
    for deal in won:
        for touch in deal.touches:
            touches[touch.view.video] += 1
        for video in deal.video_ids:
            by_video[video].append(deal)
    lines = [
        VideoLine(
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
    """What the won deals of a report add up to."""
    influenced = [deal for deal in won if deal.touches]

    def lacking(lack: Lack) -> list[str]:
        return sorted(deal.deal.id for deal in won if deal.lack == lack)

    return Totals(
        won_deals=len(won),
        won_revenue=sum(deal.minor or 0 for deal in won),
        influenced_deals=len(influenced),
        influenced_revenue=sum(deal.minor or 0 for deal in influenced),
        without_amount=lacking(Lack.AMOUNT),
        without_rate=lacking(Lack.RATE),
        out_of_bounds=lacking(Lack.BOUNDS),
    )


def report(world: World, terms: Terms) -> Report:
    """The influence report of a world.

    Raises MissingRate and AmountOutOfBounds, for its won deals alone and unless the terms say to
    skip such deals.
    """
    deals = follow(world, terms)
    closed = [deal for deal in deals if deal.closed_at and in_period(deal.closed_at, terms)]
    won = [won_deal(deal, terms, world) for deal in closed if deal.is_won]
    return Report(
        terms=terms,
        totals=totals(won),
        videos=video_lines(won, {video.id: video.title for video in world.videos}),
        won=won,
        closed=closed,
        open=[deal for deal in deals if deal.closed_at is None],
        compared_all=by_touch(closed),
        compared_landmark=at_landmark(closed, terms.landmark_days),
    )
