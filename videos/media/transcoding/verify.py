"""Verifies a set before anyone sees it: complete, as long as its source, and playable."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from videos.media.errors import EncodeFailed
from videos.media.transcoding import hls, last_segments
from videos.media.transcoding.failures import incomplete
from videos.media.transcoding.filters import padding_seconds
from videos.media.transcoding.fmp4 import joined_file, media_bytes
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.last_segments import is_too_short
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, Limits, run
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * GIB, file_bytes=1 * GIB)
ROUNDING_SECONDS = 0.002
# How much of a first segment is decoded: an encoder that fails does so at the beginning
BEGINNING = ["-t", "1"]


def verify_pictures(folder: Path, info: SourceInfo, rungs: Sequence[Rung]) -> list[hls.Media]:
    """The media playlists of complete renditions, best first. Raises EncodeFailed."""
    frame, padding = float(1 / info.constant_rate), padding_seconds(info)
    places = [folder / rung.folder for rung in rungs]
    for place in places:
        last_segments.merge_short_end(place)
    return [
        verify_media(place / hls.PLAYLIST, info.length, slack=frame, padding=padding)
        for place in places
    ]


def verify_media(path: Path, seconds: float, *, slack: float, padding: float = 0.0) -> hls.Media:
    """The media playlist at `path`, complete and `seconds` long, within `slack`.

    A picture that ends early was continued for `padding` seconds: what could be read of the source
    is that much shorter. Raises EncodeFailed.
    """
    try:
        media = hls.parse(path.read_text())
        sizes = [(path.parent / name).stat().st_size for name, _seconds in media.segments]
        initial = (path.parent / media.init).stat().st_size
    except OSError as missing:
        log.error("a file of a set is missing: %s", missing)
        raise EncodeFailed(incomplete(), "incomplete") from missing
    if not (media.ended and media.segments and initial and all(sizes)):
        log.error("%s is not complete", path)
        raise EncodeFailed(incomplete(), "incomplete")
    if abs(media.seconds - seconds) > slack + ROUNDING_SECONDS:
        log.error("%s has %.3f s instead of %.3f s", path, media.seconds, seconds)
        raise EncodeFailed(
            _(
                "The file is damaged: only %(made)s of its %(expected)s seconds could be read. "
                "Export it and upload it again."
            )
            % {
                "made": number_format(max(0.0, media.seconds - padding), decimal_pos=1),
                "expected": number_format(seconds, decimal_pos=1),
            }
        )
    return media


def verify_ends(pictures: Sequence[hls.Media], sound: hls.Media | None) -> None:
    """Raises EncodeFailed where players would skip a last segment, or where the last segment of the
    sound begins after the picture has ended."""
    for media in [*pictures, *([sound] if sound else [])]:
        if is_too_short(media):
            log.error("a last segment of %.3f s", media.segments[-1][1])
            raise EncodeFailed(incomplete(), "incomplete")
    if sound and sound.seconds - sound.segments[-1][1] >= pictures[0].seconds:
        log.error(
            "a segment of the sound begins after the picture has ended, at %.3f s",
            pictures[0].seconds,
        )
        raise EncodeFailed(incomplete(), "incomplete")


def verify_switchable(renditions: Sequence[tuple[Path, hls.Media]]) -> None:
    """Raises EncodeFailed where players cannot switch between renditions at every segment.

    Each rendition comes with its folder.
    """
    lengths = {tuple(seconds for _name, seconds in media.segments) for _folder, media in renditions}
    if len(lengths) > 1:
        log.error("segments of %s do not line up", [str(folder) for folder, _media in renditions])
        raise EncodeFailed(incomplete(), "incomplete")


def verify_decodable(renditions: Sequence[tuple[Path, hls.Media]]) -> None:
    """Raises EncodeFailed where the first or the last segment of a rendition does not decode."""
    with ExitStack() as open_files:
        inputs: list[str] = []
        for folder, media in renditions:
            (first, _seconds), (last, _seconds) = media.segments[0], media.segments[-1]
            ends = [(last, [])] if first == last else [(first, BEGINNING), (last, [])]
            for name, part in ends:
                whole = open_files.enter_context(joined_file(folder / media.init, [folder / name]))
                inputs += [*part, "-threads", "1", "-skip_loop_filter", "all"]
                inputs += ["-protocol_whitelist", "file", "-i", f"file:{whole}"]
        count = inputs.count("-i")
        outputs = [part for at in range(count) for part in ("-map", f"{at}", "-f", "null", "-")]
        quiet = ("-v", "error", "-nostdin", "-xerror")
        ended = run([binaries.ffmpeg(), *quiet, *inputs, *outputs], LIMITS, timeout=300)
    if ended.code != 0:
        log.error("%s: does not decode: %s", renditions[0][0].parent, ended.err[-2000:])
        raise EncodeFailed(incomplete(), "incomplete")


def verify_download(file: Path, parts: Sequence[tuple[Path, hls.Media]]) -> None:
    """Raises EncodeFailed unless a download holds all bytes of its renditions' media.

    Each rendition comes with its folder.
    """
    try:
        actual = media_bytes([file])
        expected = sum(
            media_bytes([folder / name for name, _seconds in media.segments])
            for folder, media in parts
        )
    except OSError as missing:
        log.error("no download: %s", missing)
        raise EncodeFailed(incomplete(), "incomplete") from missing
    if actual != expected:
        log.error("%s holds %d bytes of media instead of %d", file, actual, expected)
        raise EncodeFailed(incomplete(), "incomplete")
