"""The one view that serves the files of a set, to whoever may have them."""

import hashlib
import re
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from django.core.files.storage import Storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from videos.media.access import may_play
from videos.media.models import RenditionSet, footage
from videos.media.ranges import Unsatisfiable, wanted

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
# Names that we give: letters, digits, dots inside, in folders. Nothing leads out of the set.
NAME = re.compile(r"(?:[\w-]+/)*[\w-]+(\.[a-z0-9]{3,4})", re.ASCII)
CAPTIONS = re.compile(r"captions/([A-Za-z0-9-]{1,15})\.vtt")
CHUNK = 256 * 1024
A_YEAR = 31_536_000


@require_safe
def media_file(request: HttpRequest, key: UUID, path: str) -> HttpResponseBase:
    """A file of a set: 200, 206, 304 or 416; 404 for what is not there, or not for this user."""
    renditions = RenditionSet.objects.select_related("cut").filter(key=key).first()
    if renditions is None or not may_play(request.user, renditions):
        raise Http404
    if captions := CAPTIONS.fullmatch(path):
        return cached(caption_file(request, renditions, captions[1]), renditions, seconds=60)
    name = NAME.fullmatch(path)
    if not name or name[1] not in TYPES:
        raise Http404
    storage = footage()
    stored = f"{renditions.folder}/{path}"
    if not storage.exists(stored):
        raise Http404
    response = answer(request, storage, stored, TYPES[name[1]])
    return cached(response, renditions, seconds=A_YEAR)


def answer(request: HttpRequest, storage: Storage, name: str, kind: str) -> HttpResponseBase:
    """The file, or the part of it that is asked for. Sets never change: their name is the tag."""
    tag = f'"{hashlib.sha256(name.encode()).hexdigest()[:32]}"'
    response: HttpResponseBase
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
        response["ETag"] = tag
        return response
    size = storage.size(name)
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", tag) != tag:
        header = ""
    try:
        part = wanted(header, size)
    except Unsatisfiable:
        response = HttpResponse(status=416, content_type=kind)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, last = part or (0, size - 1)
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    else:
        response = StreamingHttpResponse(pieces(storage.open(name), first, last), content_type=kind)
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def pieces(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    """The bytes of a file from `first` to `last`, and then the file is closed."""
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def caption_file(request: HttpRequest, renditions: RenditionSet, language: str) -> HttpResponseBase:
    """The captions of the set's cut in a language."""
    caption = renditions.cut.captions.filter(language=language).first()
    if caption is None:
        raise Http404
    content = caption.webvtt.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=TYPES[".vtt"])
    response["ETag"] = tag
    return response


def cached(
    response: HttpResponseBase, renditions: RenditionSet, *, seconds: int
) -> HttpResponseBase:
    """Public sets may be kept by anyone; others by nobody."""
    response["X-Content-Type-Options"] = "nosniff"
    if not renditions.is_public:
        patch_cache_control(response, private=True, no_store=True)
    elif seconds == A_YEAR:
        patch_cache_control(response, public=True, max_age=seconds, immutable=True)
    else:
        patch_cache_control(response, public=True, max_age=seconds)
    return response
