"""How much may be reported, by network and by share link, and the counters that hold it.

Counters lie in the cache `limits`: in Redis when there is one, else in the memory of each process.
A network is counted under a hash whose key changes every day, so that no address is kept. Each
limit is a count in a window of time, so that a counter is one number that is only ever raised.
`docs/decisions/0031-limits-on-reports.md` has the sizes.
"""

import datetime as dt
import ipaddress
import logging
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)
SALT = "videos.audience.limits"
IPV6_PREFIX = 64  # what one connection to the Internet is given at least


class TooMany(Exception):
    """A limit is reached. `retry_after`: whole seconds until its window is over, 1 at least."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many reports; try again later")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` times in each window of `seconds`, which divide a day."""

    name: str
    most: int
    seconds: int


# Sized so that 500 viewers behind one address, or with one link, lose nothing: all may begin in
# the same second, and each may report four times as often as the player does. What a link takes
# in all is many times what one network may send, so that whoever holds it, too, cannot use it up.
REPORTS_BY_NETWORK = Limit("reports by network", 2000, 10)
REPORTS_BY_LINK = Limit("reports by share link", 20_000, 10)
NEW_VIEWS_BY_NETWORK = Limit("new views by network", 600, 60)
NEW_VIEWS_BY_LINK = Limit("new views by share link", 6000, 60)
COUNTED_BY_LINK_AND_NETWORK = Limit("counted views by share link, network and day", 1000, 86_400)
COUNTED_BY_LINK = Limit("counted views by share link and day", 20_000, 86_400)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says of the n-th time in a window; `to_log` is rare."""

    refused: bool
    retry_after: int
    to_log: bool


def window(limit: Limit, at: dt.datetime) -> tuple[int, int]:
    """The number of the window that an instant lies in, and the whole seconds it has left."""
    number, passed = divmod(int(at.timestamp()), limit.seconds)
    return number, limit.seconds - passed


def judge(limit: Limit, times: int, left: int) -> Verdict:
    """Whether the `times`-th time is too many, with `left` seconds to go in the window.

    The first refusal of a window is to be logged, then the tenth, the hundredth and so on.
    """
    over = times - limit.most
    return Verdict(over > 0, left, over > 0 and str(over).strip("0") == "1")


def count(limit: Limit, whose: str, at: dt.datetime) -> None:
    """Counts one more for a network or share link. Raises TooMany, unless limits are off."""
    number, left = window(limit, at)
    times = _raised(f"{SALT}:{limit.name}:{whose}:{number}".replace(" ", "-"), left)
    verdict = judge(limit, times, left)
    if verdict.to_log:
        logger.warning(
            "%s: %d over the limit of %d in %d seconds, by the same one",
            limit.name,
            times - limit.most,
            limit.most,
            limit.seconds,
        )
    if verdict.refused and settings.RATE_LIMITS == "on":
        raise TooMany(verdict.retry_after)


def _raised(key: str, seconds: int) -> int:
    """The counter under `key`, one higher; it is forgotten after the seconds."""
    cache = caches["limits"]
    try:
        return int(cache.incr(key))
    except ValueError:  # no counter yet
        return 1 if cache.add(key, 1, seconds + 1) else int(cache.incr(key))


def network_of(address: str, at: dt.datetime) -> str:
    """The name under which the network of an address is counted on the day of `at` (UTC).

    An address in IPv4 is one network, in IPv6 its first IPV6_PREFIX bits are. What is no address
    is a network of its own.
    """
    day = at.astimezone(dt.UTC).date().isoformat()
    return salted_hmac(f"{SALT}.{day}", _network(address), algorithm="sha256").hexdigest()[:32]


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known), IPV6_PREFIX), strict=False))
    return str(known)
