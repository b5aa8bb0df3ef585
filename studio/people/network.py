"""The IP address of a request, and the network by which requests are counted."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

IPV6_PREFIX = 64  # what providers assign to one line or machine


def address_of(request: HttpRequest) -> str:
    """The visitor's IP address, as seen by the outermost trusted proxy."""
    if settings.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= settings.TRUSTED_PROXIES:
            return str(hops[-settings.TRUSTED_PROXIES]).strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(address: str) -> str:
    """The network that counts as one visitor: an IPv4 address, or the first 64 bits of IPv6.

    Everything that is no address counts as one network.
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
    """Return a keyed hash to store instead of an address or a name."""
    return salted_hmac("studio.people.network", of, algorithm="sha256").hexdigest()


def place_of(request: HttpRequest) -> str:
    """The pseudonym of a request's network."""
    return pseudonym(network_of(address_of(request)))
