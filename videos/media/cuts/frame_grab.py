"""Extracts a single frame of a rendition set."""

import logging
import tempfile
from pathlib import Path

from django.core.files.storage import Storage
from django.utils.translation import gettext as _

from videos.media.errors import PictureRefused
from videos.media.models import RenditionSet, footage
from videos.media.storage import s3
from videos.media.transcoding import hls
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits, run

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=60, memory_bytes=4 * GIB, file_bytes=256 * MIB)
PATIENCE_SECONDS = 45
MOST_SEGMENT_BYTES = 256 * MIB


def frame_at(renditions: RenditionSet, seconds: float, rate: float) -> bytes:
    """The picture that the best rendition shows at a moment, as PNG.

    It is decoded from the one segment that has it: upright, and with the colours of the set.
    `rate` is in frames a second. Raises PictureRefused.
    """
    best = renditions.renditions.first()
    if best is None:
        raise PictureRefused(no_picture())
    folder = f"{renditions.folder}/{best.path}".rsplit("/", 1)[0]
    try:
        listed = hls.parse(read(footage(), f"{renditions.folder}/{best.path}").decode())
        name, inside = segment_at(listed, seconds)
        content = read(footage(), f"{folder}/{listed.init}") + read(footage(), f"{folder}/{name}")
    except (OSError, ValueError) as missing:
        log.exception("set %s lacks what its playlist names", renditions.key)
        raise PictureRefused(no_picture()) from missing
    # A player shows the last frame that has begun; at the very end none begins any more.
    for moment in (inside - 1 / rate, inside - 2 / rate, 0.0):
        if picture := decoded(content, max(0.0, moment + 0.001)):
            return picture
    raise PictureRefused(no_picture())


def no_picture() -> str:
    """The message if no frame can be extracted."""
    return _("There is no picture at this time. Try another time.")


def segment_at(listed: hls.Media, seconds: float) -> tuple[str, float]:
    """The segment that plays at a moment, and how far into it that is; the last one at the end.

    Raises ValueError when none is listed.
    """
    begin = 0.0
    for name, length in listed.segments:
        if seconds < begin + length:
            return name, seconds - begin
        begin += length
    name, length = listed.segments[-1] if listed.segments else ("", 0.0)
    if not name:
        raise ValueError("a playlist without segments")
    return name, length


def read(storage: Storage, name: str) -> bytes:
    """The content of a file of a set. Raises OSError."""
    if s3.is_bucket(storage):
        return b"".join(s3.fetch(storage, name).chunks)
    with storage.open(name) as file:
        content: bytes = file.read(MOST_SEGMENT_BYTES)
        return content


def decoded(content: bytes, moment: float) -> bytes:
    """The first frame of a clip at `moment` or later, as PNG; empty if there is none."""
    with tempfile.TemporaryDirectory(prefix="frame-") as folder:
        clip, picture = Path(folder, "clip.mp4"), Path(folder, "frame.png")
        clip.write_bytes(content)
        command = [
            *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "2"),
            *("-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2"),
            *("-i", f"file:{clip}", "-ss", f"{moment:.3f}", "-map", "0:v:0"),
            *("-frames:v", "1", "-update", "1", "-y", f"file:{picture}"),
        ]
        ended = run(command, LIMITS, timeout=PATIENCE_SECONDS, folder=Path(folder))
        if ended.code != 0:
            log.warning("ffmpeg gives no frame, ended with %s: %s", ended.code, ended.err[-1000:])
        return picture.read_bytes() if picture.is_file() else b""
