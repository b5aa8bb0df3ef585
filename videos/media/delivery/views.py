"""The view that serves the files of rendition sets.

Files on disk are sent with sendfile; for files on S3, browsers are redirected to signed URLs. See
docs/decisions/0015-who-serves-what.md
"""

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import Storage
from django.db.models import Manager
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_http_methods

from videos.media.access import is_allowed_by_rule, is_for_anyone, is_of_the_studio, may_play
from videos.media.delivery.headers import cached, preflight, shared
from videos.media.delivery.responses import (
    from_disk,
    not_changed,
    not_there,
    ranged_tag,
    tag_of,
    whole,
)
from videos.media.delivery.tokens import bearer
from videos.media.models import RenditionSet, footage
from videos.media.storage import s3

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
TEXTS = {".m3u8", ".vtt"}
# Only file names that we create match, so no path leads out of the set
NAME = re.compile(r"(?:[\w-]+/)*[\w-]+(\.[a-z0-9]{3,4})", re.ASCII)
CAPTIONS = re.compile(r"captions/([A-Za-z0-9-]{1,15})\.vtt")
# The working copies, for staff
DRAFTS = re.compile(r"captions/draft/([A-Za-z0-9-]{1,15})\.vtt")
POSTERS = "posters/"
A_MINUTE = 60


@require_http_methods(["GET", "HEAD", "OPTIONS"])
def media_file(request: HttpRequest, key: UUID, path: str, token: str = "") -> HttpResponseBase:
    """A file of a set: 200, 206, 302, 304 or 416; 404 if missing or not allowed.

    For public sets, cookies are not read, so that a CDN can cache the response.
    """
    renditions = RenditionSet.objects.select_related("cut__current_set").filter(key=key).first()
    if renditions is None:
        raise Http404
    to_all = is_for_anyone(renditions)
    if request.method == "OPTIONS":
        return preflight(to_all=to_all)
    if not to_all and not is_allowed(request, renditions, token):
        raise Http404
    if draft := DRAFTS.fullmatch(path):
        if not is_colleague(request, renditions, token):
            raise Http404
        answer = caption_file(request, renditions.cut.captions, draft[1])
        return shared(cached(answer, to_all=False, seconds=0), to_all=False)
    if captions := CAPTIONS.fullmatch(path):
        answer = caption_file(request, renditions.cut.public_captions, captions[1])
        return shared(cached(answer, to_all=to_all, seconds=A_MINUTE), to_all=to_all)
    response = file_of(request, stored_at(renditions, path), to_all=to_all)
    return shared(response, to_all=to_all)


def is_allowed(request: HttpRequest, renditions: RenditionSet, token: str) -> bool:
    """Whether the user of the token or the session may play a private set."""
    user = bearer(token, renditions.key) if token else None
    if user and may_play(user, renditions):
        return True
    return may_play(request.user, renditions) or is_allowed_by_rule(request, renditions)


def is_colleague(request: HttpRequest, renditions: RenditionSet, token: str) -> bool:
    """Whether the user of the token or the session may see unpublished captions."""
    user = bearer(token, renditions.key) if token else None
    return any(is_of_the_studio(someone) for someone in (user, request.user) if someone)


def stored_at(renditions: RenditionSet, path: str) -> str:
    """The path of a file of a set in the footage storage. Raises Http404.

    The MP4 download is not served here, but by a view with permissions of its own.
    """
    name = NAME.fullmatch(path)
    if not name or name[1] not in TYPES or path == renditions.download:
        raise Http404
    if path.startswith(POSTERS):
        if path not in (renditions.cut.poster.name, renditions.cut.public_poster):
            raise Http404
        return path
    return f"{renditions.folder}/{path}"


def file_of(request: HttpRequest, stored: str, *, to_all: bool) -> HttpResponseBase:
    """A response with a file of the storage. Public ones are cached for a minute.

    Files never change, but a set may become private.
    """
    suffix = stored[stored.rindex(".") :]
    storage, tag = footage(), tag_of(stored)
    try:
        if not s3.is_bucket(storage):
            response = from_disk(request, storage.path(stored), TYPES[suffix], tag)
        elif suffix in TEXTS:
            response = whole(request, s3.small_text(storage, stored), TYPES[suffix], tag)
        elif to_all and settings.CDN_URL:
            response = passed_on(request, storage, stored, TYPES[suffix], tag)
        else:
            return redirected(request, storage, stored, TYPES[suffix], to_all=to_all)
    except OSError as missing:
        raise Http404 from missing
    return cached(response, to_all=to_all, seconds=A_MINUTE)


def redirected(
    request: HttpRequest, storage: Storage, stored: str, kind: str, *, to_all: bool
) -> HttpResponseBase:
    """A redirect to a signed URL on S3, without checking that the file exists."""
    kept = f"public, max-age={A_MINUTE}" if to_all else "private, no-store"
    url = s3.signed_url(
        storage,
        stored,
        method=request.method or "GET",
        ResponseContentType=kind,
        ResponseCacheControl=kept,
    )
    return cached(HttpResponseRedirect(url), to_all=to_all, seconds=A_MINUTE)


def passed_on(
    request: HttpRequest, storage: Storage, stored: str, kind: str, tag: str
) -> HttpResponseBase:
    """Stream a file from S3 to the CDN. Raises FileNotFoundError."""
    if not_changed(request, tag):
        return whole(request, b"", kind, tag)
    try:
        fetched = s3.fetch(storage, stored, ranged_tag(request, tag))
    except ValueError:
        return not_there(kind, size=None)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    else:
        response = StreamingHttpResponse(fetched.chunks, content_type=kind)
    response.status_code = fetched.status
    response["Content-Length"] = str(fetched.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    if fetched.part:
        response["Content-Range"] = fetched.part
    return response


def caption_file(request: HttpRequest, captions: Manager[Any], language: str) -> HttpResponseBase:
    """A response with the captions in a language. Raises Http404."""
    caption = captions.filter(language=language).first()
    if caption is None:
        raise Http404
    return whole(request, caption.webvtt.encode(), TYPES[".vtt"])
