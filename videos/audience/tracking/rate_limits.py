"""Rate limits on reports, by network and by share link.

Counters are in the cache `limits`: Redis if configured, else the memory of each process. A network
is counted under a hash whose key changes every day, so that no IP address is stored. Limits have
fixed windows, so a counter is one number that only increases. For the sizes see
`docs/decisions/0025-limits-on-reports.md`.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

from studio.people.network import network_of

logger = logging.getLogger(__name__)
SALT = "videos.audience.limits"


class RateLimitExceeded(Exception):
    """A limit is exceeded. `retry_after`: whole seconds until the window ends, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many reports; try again later")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `max_count` hits in each window of `seconds`, which must divide a day."""

    name: str
    max_count: int
    seconds: int


# Large enough for 500 viewers behind one address, or with one link, who all start in the same
# second and report four times as often as the player does. The limits of a link are a multiple of
# those of a network, so that nobody in one network can use up a link.
REPORTS_BY_NETWORK = Limit("reports by network", 2000, 10)
REPORTS_BY_LINK = Limit("reports by share link", 20_000, 10)
NEW_VIEWS_BY_NETWORK = Limit("new views by network", 600, 60)
NEW_VIEWS_BY_LINK = Limit("new views by share link", 6000, 60)
COUNTED_BY_LINK_AND_NETWORK = Limit("counted views by share link, network and day", 1000, 86_400)
PROBLEMS_BY_NETWORK = Limit("reported problems by network", 10, 3600)
COUNTED_BY_LINK = Limit("counted views by share link and day", 20_000, 86_400)


@dataclass(frozen=True, slots=True)
class LimitResult:
    """The result of one hit. `to_log` is true for few of the refused ones."""

    refused: bool
    retry_after: int
    to_log: bool


def window_of(limit: Limit, at: dt.datetime) -> tuple[int, int]:
    """The number of the window that contains an instant, and its remaining whole seconds."""
    number, passed = divmod(int(at.timestamp()), limit.seconds)
    return number, limit.seconds - passed


def check_limit(limit: Limit, times: int, left: int) -> LimitResult:
    """Whether hit number `times` exceeds the limit, with `left` seconds until the window ends.

    The first refusal in a window is logged, then the tenth, the hundredth and so on.
    """
    over = times - limit.max_count
    return LimitResult(over > 0, left, over > 0 and str(over).strip("0") == "1")


def hit(limit: Limit, whose: str, at: dt.datetime) -> None:
    """Count one hit of a network or share link.

    Raises RateLimitExceeded, unless limits are off.
    """
    number, left = window_of(limit, at)
    times = _incremented(f"{SALT}:{limit.name}:{whose}:{number}".replace(" ", "-"), left)
    result = check_limit(limit, times, left)
    if result.to_log:
        logger.warning(
            "%s: %d over the limit of %d in %d seconds, by the same one",
            limit.name,
            times - limit.max_count,
            limit.max_count,
            limit.seconds,
        )
    if result.refused and settings.RATE_LIMITS == "on":
        raise RateLimitExceeded(result.retry_after)


def _incremented(key: str, seconds: int) -> int:
    """Increment the counter `key` and return it. It expires after `seconds`."""
    cache = caches["limits"]
    try:
        return int(cache.incr(key))
    except ValueError:  # no counter yet
        return 1 if cache.add(key, 1, seconds + 1) else int(cache.incr(key))


def network_key(address: str, at: dt.datetime) -> str:
    """The key for counting the network of an IP address on the day of `at` (UTC).

    Addresses of one network (`studio.people.network`) have the same key.
    """
    day = at.astimezone(dt.UTC).date().isoformat()
    return salted_hmac(f"{SALT}.{day}", network_of(address), algorithm="sha256").hexdigest()[:32]
