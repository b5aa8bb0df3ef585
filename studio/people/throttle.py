"""How often a door may be knocked at: counted in the database, which all processes share.

Only rare acts are counted here; what viewers send is counted elsewhere.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from studio.people.models import Tally
from studio.people.network import pseudonym

LONGEST = dt.timedelta(days=1)  # no window is longer; older tallies are swept


@dataclass(frozen=True)
class Door:
    """At most `limit` knocks by one subject within `window`, which begins with the first."""

    name: str
    limit: int
    window: dt.timedelta


QUARTER, HOUR = dt.timedelta(minutes=15), dt.timedelta(hours=1)

RESET_OF_ACCOUNT = Door("reset of account", 3, HOUR)
RESET_FROM_NETWORK = Door("reset from network", 20, HOUR)
OLD_PASSWORD = Door("old password", 5, QUARTER)
PAGE_PASSWORD = Door("page password", 20, QUARTER)
COLLECTION_PASSWORD = Door("collection password", 20, QUARTER)
METRICS = Door("metrics", 20, QUARTER)


def knock(door: Door, *subject: object) -> bool:
    """Counts one, and whether it was within the limit. With RATE_LIMITS=off everything is."""
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
    """Whether one more knock would be within the limit."""
    since = now() - door.window
    tally = Tally.objects.filter(**_named(door, subject), began_at__gt=since).first()
    return tally is None or tally.count < door.limit or settings.RATE_LIMITS == "off"


def forget(door: Door, *subject: object) -> None:
    """Whoever proved to be right starts anew."""
    Tally.objects.filter(**_named(door, subject)).delete()


def _named(door: Door, subject: tuple[object, ...]) -> dict[str, str]:
    return {"door": door.name, "subject": pseudonym("|".join(str(part) for part in subject))}
