"""Pictures that change their size or orientation midway, as those of browser calls do."""

import logging
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from videos.media.transcoding.probing.ffprobe import parse_seconds
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits, run_lines

log = logging.getLogger(__name__)

# Sizes change at key frames. Containers whose header holds for the whole file are not examined, nor
# codecs in which every frame is a key frame.
CONTAINERS = ("matroska", "mpegts", "flv", "mpeg", "avi", "ogg")
CODECS = {"vp8", "vp9", "av1", "h264", "hevc", "vp6f", "mpeg2video", "h263", "flv1"}
ASPECT = re.compile(r"[1-9]\d*:[1-9]\d*")
LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=64 * MIB)
MAX_BYTES = 512 * MIB  # of a source that is read completely; of a larger one only the beginning is
ENTRIES = "frame=pts_time,width,height,sample_aspect_ratio"
BEGINNING = "%+300"  # ffprobe's: its first five minutes


class Shape(NamedTuple):
    """The stored size in pixels, and the sample aspect ratio (ffprobe's `64:45`)."""

    width: int
    height: int
    aspect: str = ""


class Size(NamedTuple):
    """From `start` (seconds) on, the picture has this shape."""

    start: float
    shape: Shape


def may_vary(report: Mapping[str, Any], picture: Mapping[str, Any]) -> bool:
    """Whether the container and the codec allow the size to change."""
    names = report["format"]["format_name"].split(",")
    return bool(set(names) & set(CONTAINERS)) and picture.get("codec_name") in CODECS


def read_sizes(source: Path, picture: Mapping[str, Any]) -> list[Size]:
    """The size of each key frame, in the order of the file."""
    interval = () if source.stat().st_size <= MAX_BYTES else ("-read_intervals", BEGINNING)
    command = [
        *(binaries.ffprobe(), "-v", "error", "-threads", "1", "-skip_frame", "nokey"),
        *("-select_streams", str(picture["index"]), *interval),
        *("-show_entries", ENTRIES, "-of", "csv=p=0"),
        *input_arguments(source),
    ]
    with run_lines(command, LIMITS, timeout=120) as (code, lines):
        if code != 0:
            log.info("not all sizes of %s could be read, ffprobe ended with %s", source, code)
        return list(parse_sizes(lines))


def parse_sizes(lines: Iterable[str]) -> Iterable[Size]:
    """Sizes from ffprobe's lines of time, width, height and aspect; other lines are skipped.

    Square pixels have the aspect "". A long recording has many lines and few shapes: each shape is
    kept in memory once.
    """
    known: dict[Shape, Shape] = {}
    for line in lines:
        start, width, height, aspect = (*line.split(","), "", "", "", "")[:4]
        at = parse_seconds(start)
        if at is not None and width.isdigit() and height.isdigit():
            text = aspect if ASPECT.fullmatch(aspect) and aspect != "1:1" else ""
            shape = Shape(int(width), int(height), text)
            yield Size(at, known.setdefault(shape, shape))


def shapes(found: Iterable[Size], end: float) -> list[Shape]:
    """The shapes until `end` (seconds), by how long they last, then by area, largest first."""
    listed = sorted(found)
    lengths: dict[Shape, float] = {}
    last = max(end, listed[-1].start) if listed else end
    for size, after in pairwise([*listed, Size(last, Shape(0, 0))]):
        lengths[size.shape] = lengths.get(size.shape, 0.0) + after.start - size.start
    return sorted(
        lengths, key=lambda one: (round(lengths[one], 1), one.width * one.height), reverse=True
    )
