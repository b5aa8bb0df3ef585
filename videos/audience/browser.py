"""Who asks: what a request tells about the browser and its person, before anything is kept."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from studio.people.network import address_of
from videos.audience import cookies
from videos.audience.bots import is_bot
from videos.audience.cookies import OpenedLink


@dataclass(frozen=True)
class Browser:
    """What a view takes from its request. Neither address nor user agent is kept.

    `opened` are the share links that the browser opened in its session, newest first.
    """

    viewer: str | None
    opened: tuple[OpenedLink, ...] = ()
    said_no: bool = False
    is_staff: bool = False
    is_internal: bool = False
    is_bot: bool = False


def browser_of(request: HttpRequest) -> Browser:
    """What the request tells of the browser it comes from."""
    return Browser(
        viewer=cookies.viewer_id(request),
        opened=tuple(cookies.opened_links(request)),
        said_no=cookies.said_no(request),
        is_staff=is_staff(request),
        is_internal=is_internal(address_of(request)),
        is_bot=is_bot(request.headers.get("User-Agent", ""), at_home=is_at_home()),
    )


def is_staff(request: HttpRequest) -> bool:
    """Whether somebody of the studio is signed in, or ever was in this browser."""
    return cookies.is_staff_browser(request) or is_signed_in(request)


def is_signed_in(request: HttpRequest) -> bool:
    """Whether somebody of the studio is signed in. Asks nobody where there is no session."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def is_at_home() -> bool:
    """Whether the studio answers on this machine alone."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    return host == "localhost" or host == "::1" or host.startswith("127.")


def is_internal(address: str) -> bool:
    """Whether an address lies in one of the company's own networks."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in settings.INTERNAL_NETWORKS)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a POST comes from a page of this site.

    Says no to a browser on another site's page. Browsers always tell, so that what tells nothing
    is no browser, and forges nobody's request.
    """
    fetched_from = request.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        return fetched_from == "same-origin"
    origin = request.headers.get("Origin")
    here = f"{request.scheme}://{request.get_host()}"
    return origin is None or origin in {here, settings.BASE_URL}
