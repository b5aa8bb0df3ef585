"""Looks a set over before anyone sees it: complete, as long as its source, and playable."""

import logging
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from videos.media import binaries, playlist
from videos.media.confine import GIB, Limits, run
from videos.media.errors import EncodeFailed

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * GIB, file_bytes=1 * GIB)
# How far a playlist may be from the length it should have: seconds, or a share of it
NEAR_SECONDS, NEAR_SHARE = 0.5, 0.03


def incomplete() -> str:
    """The sentence for a set that lacks something."""
    return _("What was made of the file is not complete: try again, or export the video anew.")


def verify(path: Path, seconds: float) -> playlist.Media:
    """The media playlist at `path`, which lists whole files of `seconds` in all that can be
    decoded. Raises EncodeFailed."""
    try:
        media = playlist.read(path.read_text())
        sizes = [(path.parent / name).stat().st_size for name, _seconds in media.segments]
        initial = (path.parent / media.init).stat().st_size
    except OSError as missing:
        log.error("a set lacks a file: %s", missing)
        raise EncodeFailed(incomplete()) from missing
    if not (media.ended and media.segments and initial and all(sizes)):
        log.error("%s is not complete", path)
        raise EncodeFailed(incomplete())
    if abs(media.seconds - seconds) > max(NEAR_SECONDS, NEAR_SHARE * seconds):
        log.error("%s has %.3f s of %.3f", path, media.seconds, seconds)
        raise EncodeFailed(
            _(
                "Only %(made).1f of %(expected).1f seconds could be read: "
                "the file is damaged. Export and upload it again."
            )
            % {"made": media.seconds, "expected": seconds}
        )
    for name in {media.segments[0][0], media.segments[-1][0]}:
        decode(path.parent / media.init, path.parent / name)
    return media


def decode(init: Path, segment: Path) -> None:
    """Decode one segment to nothing. Raises EncodeFailed."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as whole:
        whole.write(init.read_bytes() + segment.read_bytes())
        whole.flush()
        command = [
            *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-xerror"),
            *("-protocol_whitelist", "file", "-i", f"file:{whole.name}", "-f", "null", "-"),
        ]
        ended = run(command, LIMITS, timeout=300)
    if ended.code != 0:
        log.error("%s does not decode: %s", segment, ended.err[-2000:])
        raise EncodeFailed(incomplete())
