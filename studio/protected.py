"""Explains refused deletions: objects in use and the last administrator are not deleted.

Deletions without the confirmation page are refused, since its checks must apply to everybody.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic.edit import DeletionMixin

from studio.people.errors import UserRefused
from studio.people.language import in_language_of_reader

REFUSALS = (UserRefused, ProtectedError, RestrictedError)
MOST_NAMED = 3


class ProtectedMiddleware(MiddlewareMixin):
    """Turns a database's refusal to delete an object in use into a message and a redirect.

    Wagtail checks its reference index first, but that does not know all kinds of references.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method == "DELETE" and deletes_unasked(view):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST", "OPTIONS"])
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, REFUSALS) or not request.path.startswith(home):
            return None
        with in_language_of_reader(request):
            messages.error(request, refusal_of(exception))
        return redirect(home)


def deletes_unasked(view: Callable[..., Any]) -> bool:
    """Whether a view handles the method DELETE with Django's own method, which deletes the row.

    That method skips everything the view does for POST: form, permission, hooks and log.
    """
    method = getattr(getattr(view, "view_class", None), "delete", None)
    return method is DeletionMixin.delete


def refusal_of(exception: UserRefused | ProtectedError | RestrictedError) -> str:
    """Say why something was refused, in the active language."""
    if isinstance(exception, UserRefused):
        return " ".join(exception.messages)
    if isinstance(exception, ProtectedError):
        return why_not_deleted([str(row) for row in exception.protected_objects])
    return why_not_deleted([str(row) for row in exception.restricted_objects])


def why_not_deleted(names: list[str]) -> str:
    """Explain the refusal, naming the first few referring objects."""
    named = sorted(names)[:MOST_NAMED]
    if more := len(names) - len(named):
        named.append(ngettext("%(count)d other", "%(count)d others", more) % {"count": more})
    text = _("It stays, because it is used: %(uses)s.")
    return text % {"uses": get_text_list(named, _("and"))}
