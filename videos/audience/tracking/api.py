"""The endpoint that players report views to: `POST /api/v1/views/{uuid}`."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.log import log_response
from django.utils.timezone import now
from ninja import Router

from videos.audience.tracking import bounds, cookies, rate_limits
from videos.audience.tracking.beacon import (
    MAX_BYTES,
    MAX_KEY_LENGTH,
    MAX_RANGES,
    MAX_SEQ,
    BadBeacon,
    parse_report,
)
from videos.audience.tracking.browser import address_of, browser_of, is_same_origin
from videos.audience.tracking.recording import record_report

logger = logging.getLogger(__name__)
router = Router(tags=["audience"])

SCHEMA = {
    "type": "object",
    "required": ["video", "seq", "elapsed", "ranges", "event"],
    "properties": {
        "video": {"type": "string", "description": "Public id of the video."},
        "share": {
            "type": ["string", "null"],
            "description": "Token of the share link that led here. Unknown tokens are ignored; "
            "without one, the newest link to the video that the browser opened is used.",
        },
        "key": {
            "type": ["string", "null"],
            "maxLength": MAX_KEY_LENGTH,
            "pattern": "^[ -~]*$",
            "description": "A random secret of the browser tab. All reports of a view must have "
            "the key of the first one, or none if that had none.",
        },
        "seq": {"type": "integer", "minimum": 0, "maximum": MAX_SEQ},
        "elapsed": {
            "type": "number",
            "minimum": 0,
            "description": "Seconds on the page's monotonic clock since the view began; "
            f"taken as {bounds.MAX_ELAPSED_SECONDS} at most.",
        },
        "ranges": {
            "type": "array",
            "maxItems": MAX_RANGES,
            "description": "Played [start, end] in seconds of the video, joined where adjacent. "
            f"A view keeps {bounds.MAX_RANGES_PER_VIEW}; a report that exceeds this is ignored.",
            "items": {
                "type": "array",
                "items": {"type": "number", "minimum": 0},
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "event": {
            "type": "string",
            "maxLength": 20,
            "description": "For example play, pause or ended.",
        },
    },
}


@router.post(
    "/views/{uuid}",
    url_name="beacon",
    summary="Report what was played",
    response={204: None},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": SCHEMA} for kind in ("application/json", "text/plain")},
        },
        "responses": {
            400: {"description": "Malformed, or with another key; nothing was saved."},
            403: {"description": "Sent from another site's page."},
            429: {
                "description": "Too many requests by this network or share link; nothing was saved."
                " Retry after the seconds in `Retry-After`.",
            },
        },
    },
)
def report_view(request: HttpRequest, uuid: str) -> HttpResponse:
    """Save one report of a playing browser. Sending it twice changes nothing.

    Reports from a browser whose visitor has declined since do not change a counted view that
    names a contact. The body is JSON whatever its content type: `navigator.sendBeacon` sends
    text/plain.
    """
    if not is_same_origin(request):
        return refusal(request, uuid, "sent from another site", 403)
    received_at = now()
    network = rate_limits.network_key(address_of(request), received_at)
    try:
        rate_limits.hit(rate_limits.REPORTS_BY_NETWORK, network, received_at)
        browser = browser_of(request)
        record_report(parse_report(uuid, read_body(request)), browser, received_at, network)
    except BadBeacon as bad:
        return refusal(request, uuid, str(bad), 400)
    except rate_limits.RateLimitExceeded as too_many:
        return too_many_requests(too_many)
    taken = HttpResponse(status=204)
    if browser.is_staff:
        cookies.mark_staff_browser(taken)
    return taken


def too_many_requests(too_many: rate_limits.RateLimitExceeded) -> HttpResponse:
    """The 429 response. It is not logged here: `rate_limits.hit` logs."""
    response = JsonResponse({"detail": str(too_many)}, status=429)
    response["Retry-After"] = str(too_many.retry_after)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs each
    return response


def read_body(request: HttpRequest) -> bytes:
    """The request body; refused before it is read if it is too large. Raises BadBeacon."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise BadBeacon("too large")
        return request.body
    except UnreadablePostError:
        raise BadBeacon("not received whole") from None


def refusal(request: HttpRequest, uuid: str, reason: str, status: int) -> HttpResponse:
    """The error response, logged in one line."""
    response = JsonResponse({"detail": reason}, status=status)
    log_response(
        "Beacon for view %.60r refused: %s",
        uuid,
        reason,
        response=response,
        request=request,
        logger=logger,
    )
    return response
