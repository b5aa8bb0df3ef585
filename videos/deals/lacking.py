"""The won deals that add nothing to a report's sums, with what is missing of each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from studio.people.models import User
from videos.deals.addresses import with_query
from videos.deals.evidence import rows_of
from videos.deals.influence import Lack, WonDeal
from videos.deals.models import Deal


@dataclass(frozen=True, slots=True)
class RateGap:
    """A deal without a rate: the pair and the day that it needs, and where to enter it."""

    deal: Deal
    from_currency: str
    to_currency: str
    day: dt.date
    url: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """Deals by what they lack. The last two say what the reader may do about it."""

    without_amount: Sequence[Deal]
    without_rate: Sequence[RateGap]
    out_of_bounds: Sequence[Deal]
    may_see_deals: bool
    may_add_rates: bool

    def __bool__(self) -> bool:
        return bool(self.without_amount or self.without_rate or self.out_of_bounds)


def lacking(won: Sequence[WonDeal], currency: str, user: User, back: str = "") -> Lacking:
    """What the deals among `won` lack that are not in the sums, for a page that `user` reads.

    `back` is the page to return to once a rate was entered.
    """
    found = [deal for deal in won if deal.lack]
    rows = rows_of(Deal.objects.all(), (deal.deal.id for deal in found))

    def those(lack: Lack) -> list[WonDeal]:
        return [deal for deal in found if deal.lack == lack]

    return Lacking(
        without_amount=[rows[deal.deal.id] for deal in those(Lack.AMOUNT)],
        without_rate=[
            RateGap(
                deal=rows[deal.deal.id],
                from_currency=deal.deal.currency,
                to_currency=currency,
                day=deal.day,
                url=add_rate_url(deal.deal.currency, currency, deal.day, back),
            )
            for deal in those(Lack.RATE)
        ],
        out_of_bounds=[rows[deal.deal.id] for deal in those(Lack.BOUNDS)],
        may_see_deals=user.has_perm("deals.view_deal"),
        may_add_rates=user.has_perm("deals.add_rate"),
    )


def add_rate_url(from_currency: str, to_currency: str, day: dt.date, back: str = "") -> str:
    """The form of a new rate, with the pair and the day filled in."""
    return with_query(
        reverse("deals_rates:add"),
        {
            "from_currency": from_currency,
            "to_currency": to_currency,
            "day": day.isoformat(),
            "next": back,
        },
    )
