"""Won deals and the share that videos influenced, for the home page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import cached_property

from studio.formats.money import shown
from studio.people.models import User
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.attribution.influence import WonDeal, totals
from videos.deals.attribution.load import influence_report, studio_params
from videos.deals.models import Deal
from videos.deals.reports.caveats import (
    TouchFilter,
    affected_sums,
    before_entry,
    changed_after_close,
    known_late,
)
from videos.deals.reports.excluded_deals import ExcludedDeals, excluded_deals
from videos.deals.urls_for import deals_behind_url, influence_url


class OwnReport:
    """The won deals of a user's influence report, as of one instant.

    Computed when it is first asked for, and once, however many panels of a page ask, each for the
    deals since a day of its own. `earliest` is the first of these days.
    """

    def __init__(self, user: User, earliest: dt.date) -> None:
        self.user = user
        self.earliest = earliest

    @cached_property
    def won(self) -> Sequence[WonDeal]:
        """The deals won from the earliest day on; no other deal's rows are read."""
        params = studio_params(from_day=self.earliest, skip_missing_rates=True)
        begins = not_after(self.earliest)
        deals = reported_deals(self.user)
        found = Deal.objects.all() if deals is None else deals
        won = found.filter(status=Deal.Status.WON, closed_at__range=(begins, params.as_of))
        return influence_report(params, won).won

    def since(self, day: dt.date) -> Sequence[WonDeal]:
        """The deals won from a day on, which is not before the earliest."""
        return [deal for deal in self.won if deal.day >= day]


def not_after(day: dt.date) -> dt.datetime:
    """An instant at which a day has not begun yet, or not long ago, in any time zone."""
    before = max(day, dt.date.min + dt.timedelta(days=1)) - dt.timedelta(days=1)
    return dt.datetime.combine(before, dt.time(), dt.UTC)


@dataclass(frozen=True)
class Signed:
    """Won deals since a day: all, or the user's own.

    `url` opens the report, `won_url` the won deals; `excluded_deals` are missing from the sums.
    Parts of the influenced revenue: `late_revenue` depends on something recorded after a close,
    `early_revenue` on views from before a deal was entered by hand, `changed_revenue` comes from
    deals that changed after their close. Each is empty if there is none.
    """

    since: dt.date
    won_deals: int
    won_revenue: str
    influenced_deals: int
    influenced_revenue: str
    late_revenue: str
    early_revenue: str
    changed_revenue: str
    url: str
    won_url: str
    excluded_deals: ExcludedDeals


def signed_since(own: OwnReport, since: dt.date) -> Signed | None:
    """Return the totals of a user's influence report since a day; None if not permitted."""
    if not may_see_influence(own.user):
        return None
    won = own.since(since)
    found = totals(won)
    influenced = [deal for deal in won if deal.touches]

    def hangs(mark: TouchFilter) -> str:
        part = affected_sums(influenced, mark)
        return shown(part.revenue, settings.CURRENCY) if part.deals else ""

    asked = {"from": since.isoformat()}
    return Signed(
        since=since,
        won_deals=found.won_deals,
        won_revenue=shown(found.won_revenue, settings.CURRENCY),
        influenced_deals=found.influenced_deals,
        influenced_revenue=shown(found.influenced_revenue, settings.CURRENCY),
        late_revenue=hangs(known_late),
        early_revenue=hangs(before_entry),
        changed_revenue=hangs(changed_after_close),
        url=influence_url(**asked),
        won_url=deals_behind_url(**asked, status="won"),
        excluded_deals=excluded_deals(won, settings.CURRENCY, own.user),
    )
