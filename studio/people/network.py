"""From where a request comes: its address, and the network that counts are kept for."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

IPV6_PREFIX = 64  # what one line or one machine is given


def address_of(request: HttpRequest) -> str:
    """The visitor's address, as the outermost trusted proxy saw it."""
    if settings.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= settings.TRUSTED_PROXIES:
            return str(hops[-settings.TRUSTED_PROXIES]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the first 64 bits of an IPv6 address.

    What is no address is one place, too.
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known), IPV6_PREFIX), strict=False))
    return str(known)


def pseudonym(of: str) -> str:
    """What is kept in place of an address or a name: the same for the same, and no way back."""
    return salted_hmac("studio.people.network", of, algorithm="sha256").hexdigest()


def place_of(request: HttpRequest) -> str:
    """The pseudonym of the network that a request comes from."""
    return pseudonym(network_of(address_of(request)))
