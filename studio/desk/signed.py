"""What was signed, and what of it a video had touched before, for one user's deals."""

import datetime as dt
import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from studio.money import shown
from studio.people.models import User
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.influence import MissingRate
from videos.deals.load import report_for, studio_terms

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Signed:
    """Won deals since a day, of all or of one's own; `url` opens the report behind it."""

    since: dt.date
    won_deals: int
    won_revenue: str
    influenced_deals: int
    influenced_revenue: str
    url: str


def signed_since(user: User, since: dt.date) -> Signed | None:
    """The totals of the user's influence report from `since` on; None if they may not see it.

    Also None, with a log line, while a rate is missing: the report itself says which.
    """
    if not may_see_influence(user):
        return None
    terms = studio_terms(from_day=since)
    try:
        totals = report_for(terms, reported_deals(user)).totals
    except MissingRate as missing:
        log.warning("No figures on the desk: %s", missing.messages[0])
        return None
    return Signed(
        since=since,
        won_deals=totals.won_deals,
        won_revenue=shown(totals.won_revenue, settings.CURRENCY),
        influenced_deals=totals.influenced_deals,
        influenced_revenue=shown(totals.influenced_revenue, settings.CURRENCY),
        url=f"{reverse('deals_influence')}?{urlencode({'from': since.isoformat()})}",
    )
