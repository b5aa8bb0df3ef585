"""Pages that keep up with what others do: an open one asks, and hears only of what is new."""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control


def version_of(*shown: object) -> str:
    """A name for what a page shows, made of plain values: another one when they differ."""
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'


def unless_known(
    request: HttpRequest, version: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """304 where the page has this version already, else the answer with its version.

    No browser keeps it: what it holds is for who is signed in, and for now.
    """
    known: HttpResponseBase | None = get_conditional_response(request, etag=version)
    response = known or answer()
    response["ETag"] = version
    patch_cache_control(response, private=True, no_store=True)
    return response
