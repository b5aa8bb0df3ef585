"""Responses with a file or a range of it (RFC 9110, sections 13 and 14)."""

import hashlib
import os
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from videos.media.delivery.http_range import Unsatisfiable, wanted

CHUNK = 256 * 1024


class Part:
    """A file object for `length` bytes of a file from `first`.

    gunicorn passes `fileno` to sendfile with the Content-Length of the response; other servers call
    `read`.
    """

    def __init__(self, descriptor: int, first: int, length: int) -> None:
        self.file = os.fdopen(descriptor, "rb", buffering=0)
        self.file.seek(first)
        self.left = length

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(self.left if size < 0 else min(size, self.left)) or b""
        self.left -= len(data)
        return data

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.file.close()


class PartResponse(FileResponse):
    """Sends a Part in blocks of CHUNK bytes."""

    block_size = CHUNK


def tag_of(name: str | bytes) -> str:
    """An ETag from a name or a content."""
    content = name.encode() if isinstance(name, str) else name
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_changed(request: HttpRequest, tag: str) -> bool:
    """Whether the If-None-Match header contains the ETag."""
    told = request.headers.get("If-None-Match", "")
    known = {one.strip().removeprefix("W/") for one in told.split(",")}
    return bool(known & {tag, "*"})


def ranged_tag(request: HttpRequest, tag: str) -> str:
    """The Range header; empty if the If-Range header does not match."""
    if request.headers.get("If-Range", tag) != tag:
        return ""
    header: str = request.headers.get("Range", "")
    return header


def whole(request: HttpRequest, content: bytes, kind: str, tag: str = "") -> HttpResponseBase:
    """A response with a small text, or 304. The ETag defaults to one from the content."""
    tag = tag or tag_of(content)
    if not_changed(request, tag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=kind)
    response["ETag"] = tag
    return response


def not_there(kind: str, *, size: int | None) -> HttpResponseBase:
    """A 416 response. `size` is that of the file, if known."""
    response = HttpResponse(status=416, content_type=kind)
    if size is not None:
        response["Content-Range"] = f"bytes */{size}"
    return response


def from_disk(request: HttpRequest, path: str, kind: str, tag: str) -> HttpResponseBase:
    """A response with a file from the local disk, or a range of it. Raises Http404."""
    if not_changed(request, tag):
        return whole(request, b"", kind, tag)
    if not Path(path).is_file():
        raise Http404
    descriptor = os.open(path, os.O_RDONLY)
    size = os.fstat(descriptor).st_size
    try:
        part = wanted(ranged_tag(request, tag), size)
    except Unsatisfiable:
        os.close(descriptor)
        return not_there(kind, size=size)
    first, last = part or (0, size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        os.close(descriptor)
        response = HttpResponse(content_type=kind)
    else:
        response = PartResponse(Part(descriptor, first, last - first + 1), content_type=kind)
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response
