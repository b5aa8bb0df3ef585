"""Downloads of sources and MP4 files, logged. The views check permissions."""

from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename, slugify
from wagtail.log_actions import log

from videos.media.delivery.headers import cached
from videos.media.delivery.responses import from_disk, tag_of
from videos.media.log_actions import DOWNLOADED
from videos.media.models import Cut, footage
from videos.media.storage import s3

KIND = "application/octet-stream"
SIGNED_SECONDS = 3600  # to start a download in


def source_of(request: HttpRequest, cut: Cut) -> HttpResponseBase:
    """The source of a cut, under its original file name. Raises Http404."""
    return on_record(request, cut, str(cut.source.name), cut.source_name, KIND)


def mp4_of(request: HttpRequest, cut: Cut) -> HttpResponseBase:
    """The MP4 of a cut. Raises Http404."""
    return on_record(request, cut, download_of(cut), download_name(cut), "video/mp4")


def on_record(
    request: HttpRequest, cut: Cut, stored: str, name: str, kind: str
) -> HttpResponseBase:
    """Like `attachment`, and logs the download in the history of the video."""
    response = attachment(request, stored, name, kind)
    if request.method == "GET":
        data = {"cut": cut.number, "name": name, "is_source": kind == KIND}
        log(cut.video, DOWNLOADED, user=request.user, data=data)
    return response


def attachment(request: HttpRequest, stored: str, name: str, kind: str) -> HttpResponseBase:
    """A file as a download with the given name, not cached. Raises Http404."""
    if not stored:
        raise Http404
    storage = footage()
    disposition = content_disposition_header(True, plain(name)) or ""
    if s3.is_bucket(storage):
        url = s3.signed_url(
            storage,
            stored,
            method=request.method or "GET",
            seconds=SIGNED_SECONDS,
            ResponseContentDisposition=disposition,
            ResponseContentType=kind,
        )
        return cached(HttpResponseRedirect(url), to_all=False, seconds=0)
    try:
        response = from_disk(request, storage.path(stored), kind, tag_of(stored))
    except OSError as missing:
        raise Http404 from missing
    response["Content-Disposition"] = disposition
    return cached(response, to_all=False, seconds=0)


def plain(name: str) -> str:
    """A file name that is valid everywhere, and is not hidden."""
    try:
        return get_valid_filename(name).lstrip(".") or "video"
    except SuspiciousFileOperation:  # no valid character is left
        return "video"


def download_name(cut: Cut) -> str:
    """The file name for the MP4 of a cut."""
    title = slugify(cut.video.title)[:80] or "video"
    return f"{title}-cut-{cut.number}.mp4"


def download_of(cut: Cut) -> str:
    """The path of the MP4 of a cut in the footage storage; empty if there is none."""
    current = cut.current_set
    return f"{current.folder}/{current.download}" if current and current.download else ""
