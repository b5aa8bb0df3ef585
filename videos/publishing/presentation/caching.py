"""Cache headers of public pages: everybody gets the same bytes, cached for a minute."""

from functools import partial
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.cache import (
    add_never_cache_headers,
    get_conditional_response,
    patch_cache_control,
    set_response_etag,
)

CACHE_SECONDS = 60  # seconds


def cache_for_a_minute(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let any cache keep the response for a minute, and then revalidate it by its ETag.

    Call it before the response is rendered: it makes the request anonymous.
    """
    anonymize(request)
    patch_cache_control(response, public=True, max_age=CACHE_SECONDS, must_revalidate=True)
    rendered: Any = getattr(response, "add_post_render_callback", None)
    if rendered is None:
        return with_etag(request, response)
    rendered(partial(with_etag, request))
    return response


def anonymize(request: HttpRequest) -> None:
    """Remove what identifies the visitor from the request, so that a page cannot depend on it.

    Without a session, Django's middleware does not clear or renew cookies, which would otherwise
    end up in a cached page.
    """
    if hasattr(request, "session"):
        del request.session
    request.user = AnonymousUser()
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def disable_caching(response: HttpResponse) -> HttpResponse:
    """Tell caches not to keep the response."""
    add_never_cache_headers(response)
    return response


def with_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag, or 304 if the client has it already.

    A browser replaces headers by those of a 304, so it carries the page's policy, too.
    """
    if request.method not in {"GET", "HEAD"}:
        return response
    set_response_etag(response)
    tag = response.get("ETag")
    answer = cast(HttpResponse, get_conditional_response(request, etag=tag, response=response))
    if answer is not response and hasattr(response, "_csp_update"):
        answer._csp_update = response._csp_update  # type: ignore[attr-defined]
    return answer
