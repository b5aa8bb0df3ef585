"""Rate limits that are counted in the database, which all processes share.

Only for rare acts; requests of viewers are counted in videos.audience.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from studio.people.models import Tally
from studio.people.network import pseudonym

LONGEST = dt.timedelta(days=1)  # the longest window; older counts are deleted


@dataclass(frozen=True)
class RateLimit:
    """A rate limit: at most `requests` per subject within `window`, which starts with the first."""

    name: str
    requests: int
    window: dt.timedelta


QUARTER, HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)

RESET_OF_ACCOUNT = RateLimit("reset of account", 3, HOUR)
RESET_FROM_NETWORK = RateLimit("reset from network", 20, HOUR)
OLD_PASSWORD = RateLimit("old password", 5, QUARTER)
PAGE_PASSWORD = RateLimit("page password", 20, QUARTER)
COLLECTION_PASSWORD = RateLimit("collection password", 20, QUARTER)
FIRST_RUN = RateLimit("first run", 10, QUARTER)
INVITATIONS = RateLimit("invitations", 100, HOUR)
INVITATIONS_TO_ADDRESS = RateLimit("invitations to address", 5, HOUR)
ACCEPT = RateLimit("accept an invitation", 20, QUARTER)
METRICS = RateLimit("metrics", 20, QUARTER)


def allow_request(limit: RateLimit, *subject: object) -> bool:
    """Count one request; returns whether it is within the limit. Always with RATE_LIMITS=off."""
    at = now()
    with transaction.atomic():
        tally, new = Tally.objects.select_for_update().get_or_create(
            **_lookup(limit, subject), defaults={"began_at": at}
        )
        if at - tally.began_at >= limit.window:
            tally.began_at, tally.count = at, 0
        tally.count += 1
        tally.save(update_fields=["began_at", "count"])
    if new:
        Tally.objects.filter(began_at__lt=at - LONGEST).delete()
    return tally.count <= limit.requests or settings.RATE_LIMITS == "off"


def would_allow(limit: RateLimit, *subject: object) -> bool:
    """Whether one more request would be within the limit."""
    since = now() - limit.window
    tally = Tally.objects.filter(**_lookup(limit, subject), began_at__gt=since).first()
    return tally is None or tally.count < limit.requests or settings.RATE_LIMITS == "off"


def reset(limit: RateLimit, *subject: object) -> None:
    """Delete the count after a successful attempt."""
    Tally.objects.filter(**_lookup(limit, subject)).delete()


def _lookup(limit: RateLimit, subject: tuple[object, ...]) -> dict[str, str]:
    return {"door": limit.name, "subject": pseudonym("|".join(str(part) for part in subject))}
