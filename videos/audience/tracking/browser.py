"""What a request says about the browser and the person who sent it."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from studio.people.network import address_of
from videos.audience.tracking import cookies
from videos.audience.tracking.bots import is_bot
from videos.audience.tracking.cookies import OpenedLink


@dataclass(frozen=True)
class Browser:
    """What a view needs of its request. Neither IP address nor user agent is stored.

    `opened_links` are the share links opened in this browser session, newest first.
    """

    viewer: str | None
    opened_links: tuple[OpenedLink, ...] = ()
    said_no: bool = False
    is_staff: bool = False
    is_internal: bool = False
    is_bot: bool = False


def browser_of(request: HttpRequest) -> Browser:
    """The browser that sent a request."""
    return Browser(
        viewer=cookies.viewer_id(request),
        opened_links=tuple(cookies.opened_links(request)),
        said_no=cookies.said_no(request),
        is_staff=is_staff(request),
        is_internal=is_internal(address_of(request)),
        is_bot=is_bot(request.headers.get("User-Agent", ""), on_loopback=is_loopback()),
    )


def is_staff(request: HttpRequest) -> bool:
    """Whether staff are signed in, or ever signed in with this browser."""
    return cookies.is_staff_browser(request) or is_signed_in(request)


def is_signed_in(request: HttpRequest) -> bool:
    """Whether staff are signed in. No query without a session cookie."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def is_loopback() -> bool:
    """Whether the studio is served on a loopback address only."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def is_internal(address: str) -> bool:
    """Whether an IP address is in one of INTERNAL_NETWORKS."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in settings.INTERNAL_NETWORKS)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a POST request comes from a page of this site.

    Browsers always send Sec-Fetch-Site or Origin. A client that sends neither is not a browser,
    so it cannot be used for a forged request.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin")
    here = f"{request.scheme}://{request.get_host()}"
    return origin is None or origin in {here, settings.BASE_URL}
