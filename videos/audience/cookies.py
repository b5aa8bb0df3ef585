"""The cookies that a visitor's browser keeps for the audience, and when it gets them.

`viewer`: which viewer the browser is. Set only after the visitor did something that asks for it:
opened a share link, or agreed. `via`: the share links opened lately. `unremembered`: the visitor
said no, or took their yes back. `staff_browser`: somebody of the studio signed in here once.
All are first-party, HttpOnly and SameSite=Lax; none is read by anyone else.
"""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from studio.fields import new_public_id

VIEWER = "viewer"
VIA = "via"
UNREMEMBERED = "unremembered"
STAFF = "staff_browser"

KEPT = dt.timedelta(days=400)  # as long as browsers keep a cookie at most
VIA_KEPT = dt.timedelta(days=1)
VIA_LINKS = 8
SALT = "videos.audience"


def _set(response: HttpResponse, name: str, value: str, kept: dt.timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=kept,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def viewer_id(request: HttpRequest) -> str | None:
    """The public id of the viewer that this browser is; None while nobody asked for one."""
    return _signed(request, VIEWER, KEPT)


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Lets the browser keep which viewer it is, and forget that it once said no."""
    public_id = viewer_id(request) or new_public_id()
    _set(response, VIEWER, signing.dumps(public_id, salt=SALT + VIEWER), KEPT)
    if said_no(request):
        response.delete_cookie(UNREMEMBERED, samesite="Lax")


def forget(response: HttpResponse) -> None:
    """Takes the viewer away from the browser, and keeps the wish."""
    response.delete_cookie(VIEWER, samesite="Lax")
    response.delete_cookie(VIA, samesite="Lax")
    _set(response, UNREMEMBERED, "1", KEPT)


def said_no(request: HttpRequest) -> bool:
    """Whether the visitor does not want to be remembered."""
    return bool(request.COOKIES.get(UNREMEMBERED))


def opened_links(request: HttpRequest) -> list[str]:
    """The tokens of the share links that this browser opened lately, newest first."""
    tokens = _signed(request, VIA, VIA_KEPT)
    return tokens.split() if tokens else []


def carry_link(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Lets the browser keep for a day that it came through a share link.

    In a cookie, not in the page's address: that gets copied and passed on.
    """
    others = [known for known in opened_links(request) if known != token]
    tokens = " ".join([token, *others][:VIA_LINKS])
    _set(response, VIA, signing.dumps(tokens, salt=SALT + VIA), VIA_KEPT)


def is_staff_browser(request: HttpRequest) -> bool:
    """Whether somebody of the studio ever signed in with this browser."""
    return bool(request.COOKIES.get(STAFF))


def mark_staff_browser(response: HttpResponse) -> None:
    """Keeps in the browser that it is one of the studio's."""
    _set(response, STAFF, "1", KEPT)


def _signed(request: HttpRequest, name: str, kept: dt.timedelta) -> str | None:
    try:
        value = signing.loads(request.COOKIES.get(name, ""), salt=SALT + name, max_age=kept)
    except signing.BadSignature:
        return None
    return value if isinstance(value, str) else None
