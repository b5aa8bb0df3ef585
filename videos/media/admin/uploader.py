"""The template context of the uploader on a video's page."""

from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from studio.ui.badges import Badge
from videos.planning.models import Video

LOOKS = {  # by the phases of videos/media/uploader/row.js
    "preparing": Badge(_("Preparing"), "time", "quiet"),
    "queued": Badge(_("Waiting"), "time", "quiet"),
    "sending": Badge(_("Uploading"), "upload", "busy"),
    "paused": Badge(_("Paused"), "minus", "quiet"),
    "away": Badge(_("Offline"), "warning", "bad"),
    "halted": Badge(_("Stopped"), "warning", "bad"),
    "summing": Badge(_("Being checked"), "glasses", "busy"),
    "checking": Badge(_("Being checked"), "glasses", "busy"),
    "twin": Badge(_("Already uploaded"), "copy", "busy"),
    "waiting": Badge(_("Unfinished"), "history", "busy"),
    "refused": Badge(_("Refused"), "circle-xmark", "bad"),
    "expired": Badge(_("Expired"), "circle-xmark", "bad"),
}


def uploader(video: Video) -> dict[str, Any]:
    """The context of `media/panels/uploader.html`."""
    return {
        "looks": LOOKS,
        "chunk_bytes": settings.UPLOAD_CHUNK_BYTES,
        "most": filesizeformat(settings.MAX_UPLOAD_BYTES),
    }
