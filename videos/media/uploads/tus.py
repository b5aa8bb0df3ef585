"""The tus protocol 1.0 for the disk backend, with creation, expiration and termination.

https://tus.io/protocols/resumable-upload. Permissions are checked with every request. The body is
streamed from the socket, never held in memory.
"""

import base64
import binascii
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.views import View

from videos.media.access import get_own_upload, require_uploader
from videos.media.models import Upload
from videos.media.uploads.backends.disk import Gone, Locked, OffsetDiffers, append
from videos.media.uploads.intake import announce, cancel
from videos.media.uploads.verification import expires_at
from videos.planning.models import Video

log = logging.getLogger(__name__)

VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
SILENCE_SECONDS = 30  # without a byte, then the connection is closed
LOCKED = 423


class Refusal(Exception):
    """An error response."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
        for name, value in headers.items():
            self.response[name.replace("_", "-")] = value


class TusView(View):
    """The base of the tus views."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.look(request, **kwargs)
        known = request.method != "OPTIONS" and hasattr(self, str(request.method).lower())
        try:
            if known and request.headers.get("Tus-Resumable") != VERSION:
                raise Refusal(412, "Tus-Resumable: 1.0.0", Tus_Version=VERSION)
            response = super().dispatch(request, *args, **kwargs)
        except Refusal as refusal:
            response = refusal.response
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    def look(self, request: HttpRequest, **kwargs: Any) -> None:
        """Load the objects and check permissions. Raises Http404, PermissionDenied."""
        raise NotImplementedError

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            status=204,
            headers={"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination"},
        )


class CreateView(TusView):
    """Creates an upload to a video."""

    def look(self, request: HttpRequest, **kwargs: Any) -> None:
        self.video = get_object_or_404(Video, pk=kwargs["pk"])
        self.user = require_uploader(request.user, self.video)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = metadata(request.headers.get("Upload-Metadata", ""))
        try:
            upload = announce(
                self.video,
                name=told.get("filename", ""),
                size=number(request, "Upload-Length"),
                fingerprint="",
                by=self.user,
            )
        except ValidationError as refusal:
            raise Refusal(413, refusal.messages[0]) from None
        where = request.build_absolute_uri(reverse("media_tus_upload", args=[upload.key]))
        return HttpResponse(status=201, headers={"Location": where, **expires(upload)})


class UploadView(TusView):
    """One upload: HEAD returns its offset, PATCH appends bytes, DELETE cancels it."""

    def look(self, request: HttpRequest, **kwargs: Any) -> None:
        self.upload = get_own_upload(request.user, kwargs["key"])

    def head(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = self.receiving()
        return HttpResponse(
            headers={
                "Upload-Offset": str(upload.received),
                "Upload-Length": str(upload.bytes),
                **expires(upload),
            }
        )

    get = head

    def patch(self, request: HttpRequest, key: str) -> HttpResponse:
        upload = self.receiving()
        if request.content_type != BYTES:
            raise Refusal(415, f"Content-Type: {BYTES}")
        offset, length = number(request, "Upload-Offset"), number(request, "Content-Length", 411)
        if offset + length > upload.bytes:
            raise Refusal(413, f"The file was announced with {upload.bytes} bytes.")
        with refused(), awake(request):
            received = append(upload, offset, length, request.read)
            if received < offset + length:
                raise UnreadablePostError(f"{received - offset} of {length} bytes")
        upload.refresh_from_db()
        return HttpResponse(status=204, headers={"Upload-Offset": str(received), **expires(upload)})

    def delete(self, request: HttpRequest, key: str) -> HttpResponse:
        cancel(self.upload)
        return HttpResponse(status=204)

    def receiving(self) -> Upload:
        """The upload, if it still accepts bytes. Raises Refusal."""
        if (
            self.upload.state != Upload.State.RECEIVING
            or self.upload.backend != Upload.Backend.DISK
        ):
            raise Refusal(410, str(self.upload.get_state_display()))
        return self.upload


def number(request: HttpRequest, header: str, missing: int = 400) -> int:
    """The value of a header that is a number of bytes. Raises Refusal."""
    told = request.headers.get(header, "")
    if not (told.isascii() and told.isdigit() and len(told) < 20):
        raise Refusal(missing, f"{header}: a number of bytes")
    return int(told)


def metadata(header: str) -> dict[str, str]:
    """The decoded Upload-Metadata header. Invalid pairs are left out."""
    told = {}
    for pair in header.split(","):
        name, _space, value = pair.strip().partition(" ")
        with suppress(binascii.Error, UnicodeDecodeError):
            told[name] = base64.b64decode(value, validate=True).decode()
    return told


def expires(upload: Upload) -> dict[str, str]:
    """The Upload-Expires header."""
    return {"Upload-Expires": http_date(expires_at(upload).timestamp())}


@contextmanager
def refused() -> Iterator[None]:
    """Turn errors into responses of the protocol."""
    try:
        yield
    except Locked:
        raise Refusal(LOCKED, "Another request is sending to this upload.") from None
    except OffsetDiffers as differs:
        text = "The upload continues at another offset."
        raise Refusal(409, text, Upload_Offset=str(differs.received)) from None
    except Gone:
        raise Refusal(410, "The upload has ended.") from None
    except UnreadablePostError as broken:
        log.info("an upload was interrupted: %s", broken)
        raise Refusal(400, "The upload was interrupted.") from None
    except OSError:
        log.exception("an upload could not be written")
        raise Refusal(507, "The file could not be written to disk.") from None


@contextmanager
def awake(request: HttpRequest) -> Iterator[None]:
    """Close the connection if it is idle for long, as it keeps the upload locked."""
    connection: socket.socket | None = request.META.get("gunicorn.socket")
    if connection is None:  # another server with timeouts of its own
        yield
        return
    connection.settimeout(SILENCE_SECONDS)
    try:
        yield
    except UnreadablePostError:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # the rest of the body will not come
        raise
    finally:
        with suppress(OSError):
            connection.settimeout(None)
