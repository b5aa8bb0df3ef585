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
class Door:
    """A rate limit: at most `limit` per subject within `window`, which starts with the first."""

    name: str
    limit: int
    window: dt.timedelta


QUARTER, HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)

RESET_OF_ACCOUNT = Door("reset of account", 3, HOUR)
RESET_FROM_NETWORK = Door("reset from network", 20, HOUR)
OLD_PASSWORD = Door("old password", 5, QUARTER)
PAGE_PASSWORD = Door("page password", 20, QUARTER)
COLLECTION_PASSWORD = Door("collection password", 20, QUARTER)
FIRST_RUN = Door("first run", 10, QUARTER)
INVITATIONS = Door("invitations", 100, HOUR)
INVITATIONS_TO_ADDRESS = Door("invitations to address", 5, HOUR)
ACCEPT = Door("accept an invitation", 20, QUARTER)
METRICS = Door("metrics", 20, QUARTER)


def knock(door: Door, *subject: object) -> bool:
    """Count one request; returns whether it is within the limit. Always with RATE_LIMITS=off."""
    at = now()
    with transaction.atomic():
        tally, new = Tally.objects.select_for_update().get_or_create(
            **_named(door, subject), defaults={"began_at": at}
        )
        if at - tally.began_at >= door.window:
            tally.began_at, tally.count = at, 0
        tally.count += 1
        tally.save(update_fields=["began_at", "count"])
    if new:
        Tally.objects.filter(began_at__lt=at - LONGEST).delete()
    return tally.count <= door.limit or settings.RATE_LIMITS == "off"


def is_open(door: Door, *subject: object) -> bool:
    """Whether one more request would be within the limit."""
    since = now() - door.window
    tally = Tally.objects.filter(**_named(door, subject), began_at__gt=since).first()
    return tally is None or tally.count < door.limit or settings.RATE_LIMITS == "off"


def forget(door: Door, *subject: object) -> None:
    """Delete the count after a successful attempt."""
    Tally.objects.filter(**_named(door, subject)).delete()


def _named(door: Door, subject: tuple[object, ...]) -> dict[str, str]:
    return {"door": door.name, "subject": pseudonym("|".join(str(part) for part in subject))}
