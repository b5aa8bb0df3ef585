"""Pictures that change their size or turn on their way, as those of calls and browsers do."""

import logging
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from videos.media import binaries
from videos.media.allowed import guarded
from videos.media.confine import GIB, MIB, Limits, lines_of
from videos.media.packets import seconds

log = logging.getLogger(__name__)

# Sizes change where a group of pictures begins. Those whose header holds for the whole file are
# not looked into, nor those in which each picture is a group.
CONTAINERS = ("matroska", "mpegts", "flv", "mpeg", "avi", "ogg")
CODECS = {"vp8", "vp9", "av1", "h264", "hevc", "vp6f", "mpeg2video", "h263", "flv1"}
LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=64 * MIB)
MOST_BYTES = 512 * MIB  # of a source that is looked through; of a longer one only its beginning
BEGINNING = "%+300"  # ffprobe's: its first five minutes


class Size(NamedTuple):
    """From `start` (seconds) on, the picture is that large, in pixels as they are stored."""

    start: float
    width: int
    height: int


def may_vary(report: Mapping[str, Any], picture: Mapping[str, Any]) -> bool:
    """Whether the container and the codec allow for pictures of other sizes."""
    names = report["format"]["format_name"].split(",")
    return bool(set(names) & set(CONTAINERS)) and picture.get("codec_name") in CODECS


def sizes(source: Path, picture: Mapping[str, Any]) -> list[Size]:
    """The size of each picture that begins a group, in their order."""
    interval = () if source.stat().st_size <= MOST_BYTES else ("-read_intervals", BEGINNING)
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1", "-skip_frame", "nokey"),
        *("-select_streams", str(picture["index"]), *interval),
        *("-show_entries", "frame=pts_time,width,height", "-of", "csv=p=0"),
        *guarded(source),
    ]
    with lines_of(command, LIMITS, timeout=120) as (code, lines):
        if code != 0:
            log.info("the sizes of %s are not told to the end, ended with %s", source, code)
        return list(read(lines))


def read(lines: Iterable[str]) -> Iterable[Size]:
    """Sizes from ffprobe's lines of time, width and height; others are passed over."""
    for line in lines:
        start, width, height = (*line.split(","), "", "", "")[:3]
        at = seconds(start)
        if at is not None and width.isdigit() and height.isdigit():
            yield Size(at, int(width), int(height))


def lasting(found: Iterable[Size], end: float) -> tuple[int, int] | None:
    """The size that lasts longest, of those until `end` (seconds); the larger one of two.

    None where there are no two sizes.
    """
    listed = sorted(found)
    if len({size[1:] for size in listed}) < 2:
        return None
    lengths: dict[tuple[int, int], float] = {}
    for size, after in pairwise([*listed, Size(max(end, listed[-1].start), 0, 0)]):
        shown = size.width, size.height
        lengths[shown] = lengths.get(shown, 0.0) + after.start - size.start
    return max(lengths, key=lambda shown: (round(lengths[shown], 1), shown[0] * shown[1]))
