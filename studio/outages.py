"""The page shown when a service that the studio depends on fails, instead of a bare 500.

This is Django's handler for uncaught exceptions; they are logged as usual.
"""

import errno
import smtplib
import sys
from collections.abc import Iterator
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error as unknown_error

from studio.people.language import in_language_of_reader

FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_DATABASE = ("disk is full", "No space left on device")  # messages of SQLite and PostgreSQL


class Outage(NamedTuple):
    """A failure as shown to users: response status, heading, and what to do."""

    status: int
    heading: Promise
    words: Promise | str


DISK = Outage(
    507,
    _("The studio's disk is full"),
    _(
        "What you sent was not saved. Whoever runs the studio has to make room; then send it "
        "again. Removing cuts that are not needed makes room, too."
    ),
)
STORAGE = Outage(
    503,
    _("The studio's storage does not answer"),
    _("What you sent was not saved. Try again in a while; whoever runs the studio can read why."),
)
MAIL = Outage(
    503,
    _("The mail server does not answer"),
    _("No mail was sent. Try again in a while; whoever runs the studio can read why."),
)


def outage_of(error: BaseException | None) -> Outage | None:
    """Return the outage behind an error or one of its causes; None for a bug."""
    for one in chain(error):
        if isinstance(one, OSError) and one.errno in FULL:
            return DISK
        if isinstance(one, OperationalError) and any(text in str(one) for text in FULL_DATABASE):
            return DISK
        if isinstance(one, BotoCoreError | ClientError):
            return STORAGE
        if isinstance(one, smtplib.SMTPException):
            return MAIL
    return None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    seen: set[int] = set()
    while error and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Respond to a request that raised an uncaught exception."""
    outage = outage_of(sys.exc_info()[1])
    if outage is None:
        return unknown_error(request)
    return told(request, outage)


def told(request: HttpRequest, outage: Outage) -> HttpResponseBase:
    """Return the page of an outage, or JSON for scripts, in the language of who reads it."""
    with in_language_of_reader(request):
        if not request.accepts("text/html") or "X-Requested-With" in request.headers:
            words = f"{outage.heading}. {outage.words}"
            return JsonResponse({"refusal": words}, status=outage.status)
        page = render_to_string("outage.html", {"outage": outage})
    return HttpResponse(page, status=outage.status, headers={"Cache-Control": "no-store"})
