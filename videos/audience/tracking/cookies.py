"""The audience's cookies in a visitor's browser.

`via`: share links opened in the last 24 hours; a session cookie. `viewer`: the id of the viewer,
set only after the visitor agreed. `unremembered`: the visitor declined, or withdrew their consent.
`staff_browser`: staff signed in with this browser before.
All are first-party, HttpOnly and SameSite=Lax.
"""

import datetime as dt
import math
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from studio.fields import new_public_id

VIEWER_COOKIE = "viewer"
SHARE_LINKS_COOKIE = "via"
OPT_OUT_COOKIE = "unremembered"
STAFF_COOKIE = "staff_browser"

COOKIE_AGE = dt.timedelta(days=400)  # the longest that browsers keep a cookie
LINK_AGE_HOURS = 24  # an opened link applies to views that start within this time
MAX_LINKS = 8
SALT = "videos.audience"


class OpenedLink(NamedTuple):
    """A share link that this browser opened. The token may be unknown."""

    token: str
    opened_at: dt.datetime


def _set(response: HttpResponse, name: str, value: str, kept: dt.timedelta | None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=kept,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def viewer_id(request: HttpRequest) -> str | None:
    """The public id of this browser's viewer; None without consent."""
    value = _signed(request, VIEWER_COOKIE, COOKIE_AGE)
    return value if isinstance(value, str) and not said_no(request) else None


def remember_viewer(request: HttpRequest, response: HttpResponse) -> str:
    """Set the viewer cookie and remove an earlier opt-out. Returns the viewer's public id."""
    public_id = viewer_id(request) or new_public_id()
    _set(response, VIEWER_COOKIE, signing.dumps(public_id, salt=SALT + VIEWER_COOKIE), COOKIE_AGE)
    if said_no(request):
        response.delete_cookie(OPT_OUT_COOKIE, samesite="Lax")
    return public_id


def forget_viewer(response: HttpResponse) -> None:
    """Delete the cookies of viewer and share links, and remember the opt-out."""
    response.delete_cookie(VIEWER_COOKIE, samesite="Lax")
    response.delete_cookie(SHARE_LINKS_COOKIE, samesite="Lax")
    _set(response, OPT_OUT_COOKIE, "1", COOKIE_AGE)


def said_no(request: HttpRequest) -> bool:
    """Whether the visitor declined to be remembered."""
    return bool(request.COOKIES.get(OPT_OUT_COOKIE))


def opened_links(request: HttpRequest) -> list[OpenedLink]:
    """Share links opened in the last 24 hours, newest first; none after an opt-out."""
    if said_no(request):
        return []
    entries = _signed(request, SHARE_LINKS_COOKIE, None)
    if not isinstance(entries, list):
        return []
    links = [link for entry in entries[:MAX_LINKS] if (link := _opened(entry))]
    return sorted(links, key=lambda link: link.opened_at, reverse=True)


def _opened(entry: Any) -> OpenedLink | None:
    """A cookie entry [token, epoch seconds] as OpenedLink; None if it is expired or malformed."""
    match entry:
        case [str(token), int() | float() as opened] if math.isfinite(opened):
            if 0 <= now().timestamp() - int(opened) < LINK_AGE_HOURS * 3600:
                return OpenedLink(token, dt.datetime.fromtimestamp(opened, dt.UTC))
    return None


def remember_link(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Remember, until the browser is closed, that the visitor opened a share link.

    In a cookie, not in the page's URL, which visitors copy and pass on.
    """
    others = [link for link in opened_links(request) if link.token != token]
    entries = [
        [link.token, int(link.opened_at.timestamp())]
        for link in [OpenedLink(token, now()), *others]
    ]
    _set(
        response,
        SHARE_LINKS_COOKIE,
        signing.dumps(entries[:MAX_LINKS], salt=SALT + SHARE_LINKS_COOKIE),
        None,
    )


def is_staff_browser(request: HttpRequest) -> bool:
    """Whether staff ever signed in with this browser; the cookie is signed."""
    return _signed(request, STAFF_COOKIE, COOKIE_AGE) is True


def mark_staff_browser(response: HttpResponse) -> None:
    """Set the cookie that marks a browser of staff."""
    _set(response, STAFF_COOKIE, signing.dumps(True, salt=SALT + STAFF_COOKIE), COOKIE_AGE)


def _signed(request: HttpRequest, name: str, kept: dt.timedelta | None) -> Any:
    try:
        return signing.loads(request.COOKIES.get(name, ""), salt=SALT + name, max_age=kept)
    except signing.BadSignature:
        return None
