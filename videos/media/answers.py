"""Answers with a file, or the part of it that is asked for (RFC 9110, sections 13 and 14)."""

import hashlib
import os
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from videos.media.ranges import Unsatisfiable, wanted

CHUNK = 256 * 1024


class Part:
    """The bytes of a file from `first` on, `length` of them, as a server reads or sends them.

    gunicorn hands `fileno` to the kernel (sendfile), with the length that the answer tells; other
    servers read.
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
    """Sends a Part in pieces of a good size."""

    block_size = CHUNK


def tag_of(name: str | bytes) -> str:
    """The ETag of what has this name, or this content."""
    content = name.encode() if isinstance(name, str) else name
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def not_changed(request: HttpRequest, tag: str) -> bool:
    """Whether the browser has it already."""
    told = request.headers.get("If-None-Match", "")
    known = {one.strip().removeprefix("W/") for one in told.split(",")}
    return bool(known & {tag, "*"})


def ranged_tag(request: HttpRequest, tag: str) -> str:
    """The Range header; nothing where the browser's part is of something else."""
    if request.headers.get("If-Range", tag) != tag:
        return ""
    header: str = request.headers.get("Range", "")
    return header


def whole(request: HttpRequest, content: bytes, kind: str, tag: str = "") -> HttpResponseBase:
    """A small text, or 304. Its content is its tag unless it has another."""
    tag = tag or tag_of(content)
    if not_changed(request, tag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=kind)
    response["ETag"] = tag
    return response


def not_there(kind: str, *, size: int | None) -> HttpResponseBase:
    """No byte of the file, whose size may be unknown, lies in the range."""
    response = HttpResponse(status=416, content_type=kind)
    if size is not None:
        response["Content-Range"] = f"bytes */{size}"
    return response


def from_disk(request: HttpRequest, path: str, kind: str, tag: str) -> HttpResponseBase:
    """A file of this machine's disk, whole or in part. Raises Http404."""
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
