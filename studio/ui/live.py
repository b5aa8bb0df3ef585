"""Pages that update themselves: an open page polls, and gets a response only for changes."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control


def version_of(*shown: object) -> str:
    """Return an ETag for the values that a page shows; other values give another ETag."""
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'


def unless_known(
    request: HttpRequest, version: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Return 304 if the page has this version already, else the response with its ETag.

    The response is not stored: it is meant for the signed-in user at this moment.
    """
    known: HttpResponseBase | None = get_conditional_response(request, etag=version)
    response = known or answer()
    response["ETag"] = version
    patch_cache_control(response, private=True, no_store=True)
    return response
