"""The page shown when the CSRF check fails.

Usually the form is legitimate: sent from a tab opened before the last sign-in, or through another
host name than the studio's. Django's own page is written for developers.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from studio.outages import Outage, told
from studio.people.language import in_language_of_reader

STALE = Outage(
    403,
    _("This form is too old"),
    _(
        "Nothing was saved. Somebody signed in or out in this browser since the form was opened, "
        "or the browser keeps no cookies for this site. Open the page again, then send the form."
    ),
)
ELSEWHERE = Outage(
    403,
    _("This is not the studio's address"),
    _(
        "Nothing was saved. Open the studio at %(address)s and go on there. If that is not its "
        "address, whoever runs the studio has to set BASE_URL."
    ),
)


def refuse(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Respond to a failed CSRF check, whose reason Django logs."""
    if sent_from(request) == origin_of(settings.BASE_URL):
        return told(request, STALE)
    with in_language_of_reader(request):
        words = ELSEWHERE.words % {"address": settings.BASE_URL}
    return told(request, ELSEWHERE._replace(words=words))


def sent_from(request: HttpRequest) -> str:
    """Return the scheme and host from which the form was sent."""
    origin = request.headers.get("Origin", "null")
    return origin if origin != "null" else f"{request.scheme}://{request.get_host()}"


def origin_of(url: str) -> str:
    """Return the scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
