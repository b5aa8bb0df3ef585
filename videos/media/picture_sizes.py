"""Pictures that change their size or turn on their way, as those of calls and browsers do."""

import logging
import re
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
ASPECT = re.compile(r"[1-9]\d*:[1-9]\d*")
LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=64 * MIB)
MOST_BYTES = 512 * MIB  # of a source that is looked through; of a longer one only its beginning
SHOWN = "frame=pts_time,width,height,sample_aspect_ratio"
BEGINNING = "%+300"  # ffprobe's: its first five minutes


class Shape(NamedTuple):
    """Pixels as they are stored, and how wide one is by its height (ffprobe's `64:45`)."""

    width: int
    height: int
    aspect: str = ""


class Size(NamedTuple):
    """From `start` (seconds) on, the picture has that shape."""

    start: float
    shape: Shape


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
        *("-show_entries", SHOWN, "-of", "csv=p=0"),
        *guarded(source),
    ]
    with lines_of(command, LIMITS, timeout=120) as (code, lines):
        if code != 0:
            log.info("the sizes of %s are not told to the end, ended with %s", source, code)
        return list(read(lines))


def read(lines: Iterable[str]) -> Iterable[Size]:
    """Shapes from ffprobe's lines of time, width, height and aspect; others are passed over.

    Square pixels are told as "", whatever ffprobe says of them. Of a long recording there are many
    lines, and few shapes: each is kept once."""
    known: dict[Shape, Shape] = {}
    for line in lines:
        start, width, height, aspect = (*line.split(","), "", "", "", "")[:4]
        at = seconds(start)
        if at is not None and width.isdigit() and height.isdigit():
            told = aspect if ASPECT.fullmatch(aspect) and aspect != "1:1" else ""
            shape = Shape(int(width), int(height), told)
            yield Size(at, known.setdefault(shape, shape))


def shapes(found: Iterable[Size], end: float) -> list[Shape]:
    """The shapes that come until `end` (seconds): the one that lasts longest first; of two that
    last as long, the larger one."""
    listed = sorted(found)
    lengths: dict[Shape, float] = {}
    last = max(end, listed[-1].start) if listed else end
    for size, after in pairwise([*listed, Size(last, Shape(0, 0))]):
        lengths[size.shape] = lengths.get(size.shape, 0.0) + after.start - size.start
    return sorted(
        lengths, key=lambda one: (round(lengths[one], 1), one.width * one.height), reverse=True
    )
