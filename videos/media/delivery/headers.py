"""Cache and CORS headers of the media view."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control

READABLE = "Accept-Ranges, Content-Length, Content-Range, ETag"
A_DAY = "86400"  # seconds


def cached(response: HttpResponseBase, *, to_all: bool, seconds: int) -> HttpResponseBase:
    """Set cache headers: public responses may be cached by anyone, others by nobody."""
    response["X-Content-Type-Options"] = "nosniff"
    if not to_all:
        patch_cache_control(response, private=True, no_store=True)
    else:
        patch_cache_control(response, public=True, max_age=seconds)
    return response


def shared(response: HttpResponseBase, *, to_all: bool) -> HttpResponseBase:
    """Set CORS headers: any page may read public responses, only our pages others."""
    response["Access-Control-Allow-Origin"] = "*" if to_all else settings.BASE_URL
    response["Access-Control-Expose-Headers"] = READABLE
    if to_all:
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        response["Timing-Allow-Origin"] = "*"
    return response


def preflight(*, to_all: bool) -> HttpResponseBase:
    """The response to a CORS preflight request."""
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = "GET, HEAD"
    response["Access-Control-Allow-Headers"] = "Range, If-Range, If-None-Match"
    response["Access-Control-Max-Age"] = A_DAY
    return shared(response, to_all=to_all)
