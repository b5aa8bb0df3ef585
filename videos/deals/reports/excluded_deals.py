"""The won deals that are left out of a report's sums, with what each one lacks."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from studio.people.models import User
from videos.deals.attribution.influence import ExclusionReason, WonDeal
from videos.deals.models import Deal
from videos.deals.reports.evidence import rows_of
from videos.deals.urls_for import with_query


@dataclass(frozen=True, slots=True)
class MissingRateRow:
    """A deal without a rate of exchange: the rate it needs, and the URL to enter it."""

    deal: Deal
    from_currency: str
    to_currency: str
    day: dt.date
    url: str


@dataclass(frozen=True, slots=True)
class ExcludedDeals:
    """Excluded deals by what they lack, and what the reader may do about it."""

    without_amount: Sequence[Deal]
    without_rate: Sequence[MissingRateRow]
    out_of_bounds: Sequence[Deal]
    may_see_deals: bool
    may_add_rates: bool

    def __bool__(self) -> bool:
        return bool(self.without_amount or self.without_rate or self.out_of_bounds)


def excluded_deals(
    won: Sequence[WonDeal], currency: str, user: User, back: str = ""
) -> ExcludedDeals:
    """Returns the deals among `won` that are not in the sums, for a page shown to `user`.

    `back` is the URL to return to after entering a rate.
    """
    found = [deal for deal in won if deal.exclusion]
    rows = rows_of(Deal.objects.all(), (deal.deal.id for deal in found))

    def those(exclusion: ExclusionReason) -> list[WonDeal]:
        return [deal for deal in found if deal.exclusion == exclusion]

    return ExcludedDeals(
        without_amount=[rows[deal.deal.id] for deal in those(ExclusionReason.AMOUNT)],
        without_rate=[
            MissingRateRow(
                deal=rows[deal.deal.id],
                from_currency=deal.deal.currency,
                to_currency=currency,
                day=deal.day,
                url=add_rate_url(deal.deal.currency, currency, deal.day, back),
            )
            for deal in those(ExclusionReason.RATE)
        ],
        out_of_bounds=[rows[deal.deal.id] for deal in those(ExclusionReason.BOUNDS)],
        may_see_deals=user.has_perm("deals.view_deal"),
        may_add_rates=user.has_perm("rates.add_rate"),
    )


def add_rate_url(from_currency: str, to_currency: str, day: dt.date, back: str = "") -> str:
    """Returns the URL of the form for a new rate, with pair and day filled in."""
    return with_query(
        reverse("rates_rates:add"),
        {
            "from_currency": from_currency,
            "to_currency": to_currency,
            "day": day.isoformat(),
            "next": back,
        },
    )
