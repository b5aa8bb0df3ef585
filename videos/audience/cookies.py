"""The cookies that a visitor's browser keeps for the audience, and when it gets them.

`via`: the share links opened under a day ago; it ends with the browser's session. `viewer`: which
viewer the browser is; set by a yes alone. `unremembered`: the visitor said no, or took their yes
back. `staff_browser`: somebody of the studio signed in here once.
All are first-party, HttpOnly and SameSite=Lax; none is read by anyone else.
"""

import datetime as dt
import math
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from studio.fields import new_public_id

VIEWER = "viewer"
VIA = "via"
UNREMEMBERED = "unremembered"
STAFF = "staff_browser"

KEPT = dt.timedelta(days=400)  # as long as browsers keep a cookie at most
LINK_HOURS = 24  # a view takes the newest link opened under so many hours ago
MOST_LINKS = 8
SALT = "videos.audience"


class OpenedLink(NamedTuple):
    """A share link that this browser opened, by its token, which may be of no link."""

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
    """The public id of the viewer that this browser is; None before a yes and after a no."""
    value = _signed(request, VIEWER, KEPT)
    return value if isinstance(value, str) and not said_no(request) else None


def remember(request: HttpRequest, response: HttpResponse) -> str:
    """Lets the browser keep which viewer it is, and forget that it once said no.

    Returns the viewer's public id.
    """
    public_id = viewer_id(request) or new_public_id()
    _set(response, VIEWER, signing.dumps(public_id, salt=SALT + VIEWER), KEPT)
    if said_no(request):
        response.delete_cookie(UNREMEMBERED, samesite="Lax")
    return public_id


def forget(response: HttpResponse) -> None:
    """Takes the viewer and the links away from the browser, and keeps the wish."""
    response.delete_cookie(VIEWER, samesite="Lax")
    response.delete_cookie(VIA, samesite="Lax")
    _set(response, UNREMEMBERED, "1", KEPT)


def said_no(request: HttpRequest) -> bool:
    """Whether the visitor does not want to be remembered."""
    return bool(request.COOKIES.get(UNREMEMBERED))


def opened_links(request: HttpRequest) -> list[OpenedLink]:
    """The share links that this browser opened under a day ago, newest first; none after a no."""
    if said_no(request):
        return []
    entries = _signed(request, VIA, None)
    if not isinstance(entries, list):
        return []
    links = [link for entry in entries[:MOST_LINKS] if (link := _opened(entry))]
    return sorted(links, key=lambda link: link.opened_at, reverse=True)


def _opened(entry: Any) -> OpenedLink | None:
    """The entry [token, epoch seconds] of the cookie; None for what is over or something else."""
    match entry:
        case [str(token), int() | float() as opened] if math.isfinite(opened):
            if 0 <= now().timestamp() - int(opened) < LINK_HOURS * 3600:
                return OpenedLink(token, dt.datetime.fromtimestamp(opened, dt.UTC))
    return None


def carry_link(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Lets the browser keep, until it is closed, that it came through a share link.

    In a cookie, not in the page's address: that gets copied and passed on.
    """
    others = [link for link in opened_links(request) if link.token != token]
    entries = [
        [link.token, int(link.opened_at.timestamp())]
        for link in [OpenedLink(token, now()), *others]
    ]
    _set(response, VIA, signing.dumps(entries[:MOST_LINKS], salt=SALT + VIA), None)


def is_staff_browser(request: HttpRequest) -> bool:
    """Whether somebody of the studio ever signed in with this browser. A made-up mark is none."""
    return _signed(request, STAFF, KEPT) is True


def mark_staff_browser(response: HttpResponse) -> None:
    """Keeps in the browser that it is one of the studio's."""
    _set(response, STAFF, signing.dumps(True, salt=SALT + STAFF), KEPT)


def _signed(request: HttpRequest, name: str, kept: dt.timedelta | None) -> Any:
    try:
        return signing.loads(request.COOKIES.get(name, ""), salt=SALT + name, max_age=kept)
    except signing.BadSignature:
        return None
