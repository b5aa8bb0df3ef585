"""The beacon: `POST /api/v1/views/{uuid}`."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.log import log_response
from django.utils.timezone import now
from ninja import Router

from videos.audience import bounds, cookies, limits
from videos.audience.beacon import LONGEST_KEY, MAX_BYTES, MAX_RANGES, MAX_SEQ, BadBeacon, read
from videos.audience.browser import address_of, browser_of, is_same_origin
from videos.audience.playing import record

logger = logging.getLogger(__name__)
router = Router(tags=["audience"])

SCHEMA = {
    "type": "object",
    "required": ["video", "seq", "elapsed", "ranges", "event"],
    "properties": {
        "video": {"type": "string", "description": "Public id of the video."},
        "share": {
            "type": ["string", "null"],
            "description": "Token of the share link it came through. Unknown ones are ignored; "
            "without one, it is the newest to the video that the browser opened before.",
        },
        "key": {
            "type": ["string", "null"],
            "maxLength": LONGEST_KEY,
            "pattern": "^[ -~]*$",
            "description": "A secret of the tab, as random as can be. A view goes on with the key "
            "with which it began, and without one if it began without.",
        },
        "seq": {"type": "integer", "minimum": 0, "maximum": MAX_SEQ},
        "elapsed": {
            "type": "number",
            "minimum": 0,
            "description": "Seconds on the page's monotonic clock since the view began; "
            f"taken as {bounds.MOST_ELAPSED} at most.",
        },
        "ranges": {
            "type": "array",
            "maxItems": MAX_RANGES,
            "description": "Played [start, end] in seconds of the video, joined without a gap. "
            f"A view keeps {bounds.MOST_RANGES}; a report that would make more is left out.",
            "items": {
                "type": "array",
                "items": {"type": "number", "minimum": 0},
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "event": {"type": "string", "maxLength": 20, "description": "Say, play, pause or ended."},
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
            400: {"description": "Malformed, or with another key; nothing was kept."},
            403: {"description": "Sent from another site's page."},
            429: {
                "description": "Too many by this network or share link; nothing was kept. Send it "
                "again after the seconds of `Retry-After`.",
            },
        },
    },
)
def report_view(request: HttpRequest, uuid: str) -> HttpResponse:
    """One report of a playing browser. One that comes twice changes nothing.

    Nor does one of a counted view that names somebody, from a browser whose visitor said no since.
    The body is JSON whatever its content type, for `navigator.sendBeacon` sends text/plain.
    """
    if not is_same_origin(request):
        return refused(request, uuid, "sent from another site", 403)
    received_at = now()
    network = limits.network_of(address_of(request), received_at)
    try:
        limits.count(limits.REPORTS_BY_NETWORK, network, received_at)
        browser = browser_of(request)
        record(read(uuid, body_of(request)), browser, received_at, network)
    except BadBeacon as bad:
        return refused(request, uuid, str(bad), 400)
    except limits.TooMany as too_many:
        return put_off(too_many)
    taken = HttpResponse(status=204)
    if browser.is_staff:
        cookies.mark_staff_browser(taken)
    return taken


def put_off(too_many: limits.TooMany) -> HttpResponse:
    """The refusal of one report of too many, which is logged where it is counted."""
    response = JsonResponse({"detail": str(too_many)}, status=429)
    response["Retry-After"] = str(too_many.retry_after)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs each
    return response


def body_of(request: HttpRequest) -> bytes:
    """The body, refused before it is read when it is too large. Raises BadBeacon."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise BadBeacon("too large")
        return request.body
    except UnreadablePostError:
        raise BadBeacon("not received whole") from None


def refused(request: HttpRequest, uuid: str, reason: str, status: int) -> HttpResponse:
    """The refusal, with its one line in the log."""
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
