"""What was signed, and what of it a video had touched before, for one user's deals."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property

from studio.money import shown
from studio.people.models import User
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.addresses import deals_behind_url, influence_url
from videos.deals.influence import Report, report
from videos.deals.lacking import Lacking, lacking
from videos.deals.late import Mark, before_entry, changed_late, hanging, known_late
from videos.deals.load import load, studio_terms
from videos.deals.world import World


class OwnWorld:
    """What the influence reports of one page are made of: a user's deals, as of one instant.

    Loaded when it is first asked for, and once, however many panels ask.
    """

    def __init__(self, user: User) -> None:
        self.user = user
        self.as_of = timezone.now()

    @cached_property
    def world(self) -> World:
        """The rows, as plain values."""
        return load(studio_terms(self.as_of), reported_deals(self.user))

    def report(self, since: dt.date) -> Report:
        """The report on the deals that closed from a day on."""
        terms = studio_terms(self.as_of, from_day=since, skip_missing_rates=True)
        return report(self.world, terms)


@dataclass(frozen=True)
class Signed:
    """Won deals since a day, of all or of one's own.

    `url` opens the report, `won_url` the won deals; `lacking` are those that are not in the sums.
    Of the influenced revenue `late_revenue` is the part that hangs on something known after a
    close, `early_revenue` on views from before a deal was entered by hand, and `changed_revenue`
    the part of deals that changed after their close; each is empty where there is none.
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
    lacking: Lacking


def signed_since(own: OwnWorld, since: dt.date) -> Signed | None:
    """The totals of a user's influence report from `since` on; None if they may not see it."""
    if not may_see_influence(own.user):
        return None
    found = own.report(since)
    totals = found.totals

    def hangs(mark: Mark) -> str:
        part = hanging(found.deals, mark)
        return shown(part.revenue, settings.CURRENCY) if part.deals else ""

    asked = {"from": since.isoformat()}
    return Signed(
        since=since,
        won_deals=totals.won_deals,
        won_revenue=shown(totals.won_revenue, settings.CURRENCY),
        influenced_deals=totals.influenced_deals,
        influenced_revenue=shown(totals.influenced_revenue, settings.CURRENCY),
        late_revenue=hangs(known_late),
        early_revenue=hangs(before_entry),
        changed_revenue=hangs(changed_late),
        url=influence_url(**asked),
        won_url=deals_behind_url(**asked, status="won"),
        lacking=lacking(found.won, settings.CURRENCY, own.user),
    )
