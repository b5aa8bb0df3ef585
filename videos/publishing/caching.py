"""Who may keep a public page, and for how long: the same bytes for everybody, for a minute."""

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

A_MINUTE = 60  # seconds


def kept_for_a_minute(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, which any cache may keep for a minute and then asks for again by its ETag.

    Call it before the response is rendered: from then on the request is nobody's.
    """
    forget_who_asks(request)
    patch_cache_control(response, public=True, max_age=A_MINUTE, must_revalidate=True)
    rendered: Any = getattr(response, "add_post_render_callback", None)
    if rendered is None:
        return conditional(request, response)
    rendered(partial(conditional, request))
    return response


def forget_who_asks(request: HttpRequest) -> None:
    """Take from the request what tells visitors apart, so that nothing of it gets into a page.

    Without a session, Django's middleware leaves cookies alone, which it would else clear or renew
    where a visitor's are broken: in a page that a cache then hands to others.
    """
    if hasattr(request, "session"):
        del request.session
    request.user = AnonymousUser()
    request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)


def kept_by_nobody(response: HttpResponse) -> HttpResponse:
    """The response, which no cache may keep."""
    add_never_cache_headers(response)
    return response


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with its ETag, or 304 for who has it already; to HEAD as to GET.

    A browser takes over the headers of a 304, so that it carries the page's policy, too.
    """
    if request.method not in {"GET", "HEAD"}:
        return response
    set_response_etag(response)
    tag = response.get("ETag")
    answer = cast(HttpResponse, get_conditional_response(request, etag=tag, response=response))
    if answer is not response and hasattr(response, "_csp_update"):
        answer._csp_update = response._csp_update  # type: ignore[attr-defined]
    return answer
