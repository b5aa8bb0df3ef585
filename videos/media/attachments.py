"""Files of the footage storage to take home, for whom a view has let in."""

from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename, slugify

from videos.media import bucket
from videos.media.answers import from_disk, tag_of
from videos.media.headers import cached
from videos.media.models import Cut, footage

KIND = "application/octet-stream"
SIGNED_SECONDS = 3600  # to begin in; what has begun goes on


def attachment(request: HttpRequest, stored: str, name: str, kind: str = KIND) -> HttpResponseBase:
    """A file under a name of our own; kept by nobody on the way. Raises Http404."""
    if not stored:
        raise Http404
    storage = footage()
    disposition = content_disposition_header(True, plain(name)) or ""
    if bucket.is_bucket(storage):
        url = bucket.signed_url(
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
    """A file's name as any disk takes it, and as no disk hides it."""
    try:
        return get_valid_filename(name).lstrip(".") or "video"
    except SuspiciousFileOperation:  # nothing of it is left
        return "video"


def download_name(cut: Cut) -> str:
    """What the MP4 of a cut is called on a rep's disk, so that they find it again."""
    title = slugify(cut.video.title)[:80] or "video"
    return f"{title}-cut-{cut.number}.mp4"
