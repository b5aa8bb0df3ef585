"""The one view that serves the files of a set, to whoever may have them.

From a disk they are sent by the kernel; from a bucket browsers fetch them themselves, by signed
addresses that we redirect to. What was decided: docs/decisions/0021-who-serves-what.md
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

from videos.media import bucket
from videos.media.access import is_let_in, is_of_the_studio, may_play
from videos.media.answers import (
    from_disk,
    not_changed,
    not_there,
    ranged_tag,
    tag_of,
    whole,
)
from videos.media.headers import cached, preflight, shared
from videos.media.models import RenditionSet, footage
from videos.media.sets import is_for_anyone
from videos.media.signing import bearer

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
TEXTS = {".m3u8", ".vtt"}
# Names that we give: letters, digits, dots inside, in folders. Nothing leads out of the set.
NAME = re.compile(r"(?:[\w-]+/)*[\w-]+(\.[a-z0-9]{3,4})", re.ASCII)
CAPTIONS = re.compile(r"captions/([A-Za-z0-9-]{1,15})\.vtt")
# As the studio works on them, whatever viewers have
DRAFTS = re.compile(r"captions/draft/([A-Za-z0-9-]{1,15})\.vtt")
POSTERS = "posters/"
A_MINUTE = 60


@require_http_methods(["GET", "HEAD", "OPTIONS"])
def media_file(request: HttpRequest, key: UUID, path: str, token: str = "") -> HttpResponseBase:
    """A file of a set: 200, 206, 302, 304 or 416; 404 for what is not there, or not for them.

    Of an open set without a look at cookies, so that a CDN may keep it for all.
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
    """Whether the token's or the session's user may have a set that is not open."""
    user = bearer(token, renditions.key) if token else None
    if user and may_play(user, renditions):
        return True
    return may_play(request.user, renditions) or is_let_in(request, renditions)


def is_colleague(request: HttpRequest, renditions: RenditionSet, token: str) -> bool:
    """Whether the token's or the session's user sees what is not published."""
    user = bearer(token, renditions.key) if token else None
    return any(is_of_the_studio(someone) for someone in (user, request.user) if someone)


def stored_at(renditions: RenditionSet, path: str) -> str:
    """Where a file of a set lies in the footage storage. Raises Http404.

    The download has a door of its own, for who may send an approved cut.
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
    """A file of the storage; open ones are kept for a minute, then asked for by name.

    What has a name never changes, but may cease to be for everybody.
    """
    suffix = stored[stored.rindex(".") :]
    storage, tag = footage(), tag_of(stored)
    try:
        if not bucket.is_bucket(storage):
            response = from_disk(request, storage.path(stored), TYPES[suffix], tag)
        elif suffix in TEXTS:
            response = whole(request, bucket.small_text(storage, stored), TYPES[suffix], tag)
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
    """To the bucket's signed address, without asking the bucket whether the file is there."""
    kept = f"public, max-age={A_MINUTE}" if to_all else "private, no-store"
    url = bucket.signed_url(
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
    """From the bucket through us to the CDN, which asks once for all. Raises FileNotFoundError."""
    if not_changed(request, tag):
        return whole(request, b"", kind, tag)
    try:
        fetched = bucket.fetch(storage, stored, ranged_tag(request, tag))
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
    """The captions in a language, of those that are told of."""
    caption = captions.filter(language=language).first()
    if caption is None:
        raise Http404
    return whole(request, caption.webvtt.encode(), TYPES[".vtt"])
