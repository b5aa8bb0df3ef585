"""The beacon: `POST /api/v1/views/{uuid}`."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.utils.log import log_response
from django.utils.timezone import now
from ninja import Router

from videos.audience import cookies
from videos.audience.beacon import MAX_BYTES, MAX_RANGES, MAX_SEQ, BadBeacon, read
from videos.audience.browser import browser_of, is_same_origin
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
            "description": "Token of the share link it came through. Unknown ones are ignored.",
        },
        "seq": {"type": "integer", "minimum": 0, "maximum": MAX_SEQ},
        "elapsed": {
            "type": "number",
            "minimum": 0,
            "description": "Seconds on the page's monotonic clock since the view began.",
        },
        "ranges": {
            "type": "array",
            "maxItems": MAX_RANGES,
            "description": "Played [start, end] in seconds of the video.",
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
            400: {"description": "Malformed; nothing was kept."},
            403: {"description": "Sent from another site's page."},
        },
    },
)
def report_view(request: HttpRequest, uuid: str) -> HttpResponse:
    """One report of a playing browser, idempotent by (uuid, seq).

    The body is JSON whatever its content type, for `navigator.sendBeacon` sends text/plain.
    """
    if not is_same_origin(request):
        return refused(request, uuid, "sent from another site", 403)
    try:
        browser = browser_of(request)
        record(read(uuid, body_of(request)), browser, now())
    except BadBeacon as bad:
        return refused(request, uuid, str(bad), 400)
    response = HttpResponse(status=204)
    if browser.is_staff:
        cookies.mark_staff_browser(response)
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
