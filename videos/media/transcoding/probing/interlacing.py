"""Whether a picture is interlaced: by its content, because the flags in files are often wrong.

Many cameras flag progressive footage as interlaced, and many exports drop the flag.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from videos.media.transcoding.probing import ffprobe
from videos.media.transcoding.probing.ffprobe import frame_rate
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import run

# Lines of the interlaced television standards: SD in any codec, HD in the codecs of cameras and
# broadcast. Fine lines in a screen recording can look like fields, so others' flags are trusted.
SD_LINES, HD_LINES = {480, 486, 512, 576, 608}, {1080, 1088}
CAMERA_CODECS = {"mpeg2video", "dvvideo", "prores", "dnxhd"}
MAX_RATE = Fraction(61, 2)
# How many frames are analysed, and how many of them must give a result
FRAMES, MIN_FRAMES = 100, 10
# Telecined film has two combed frames in five.
MAX_SHARE_OF_PROGRESSIVE, MIN_SHARE_OF_INTERLACED = 0.05, 0.3
COUNT = re.compile(r"lavfi\.idet\.multiple\.(tff|bff|progressive)=([0-9.]+)")


class FieldCounts(NamedTuple):
    """Frames that show fields (`combed`), and that show none; the others give no result."""

    combed: float
    progressive: float


def detect_interlacing(source: Path, picture: Mapping[str, Any]) -> bool:
    """Whether a picture is interlaced, analysed where its flag may be wrong."""
    order = picture.get("field_order", "unknown")
    if order == "unknown":
        order = field_order(source, picture)
    flagged = order in {"tt", "bb", "tb", "bt"}
    rate = frame_rate(picture, "r_frame_rate") or Fraction(25)
    if not flagged and not may_be_interlaced(picture, rate):
        return False
    command = [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-threads", "1"),
        *input_arguments(source),
        *("-map", f"0:{picture['index']}", "-frames:v", str(FRAMES)),
        *("-vf", "idet,metadata=print:file=-", "-f", "null", "-"),
    ]
    printed = run(command, ffprobe.PROBE_LIMITS, timeout=ffprobe.PROBE_SECONDS).out
    return is_interlaced(flagged, count_fields(printed))


def field_order(source: Path, picture: Mapping[str, Any]) -> str:
    """The field order by the first frames' own flags, where the container has none."""
    command = ffprobe.command(
        *("-select_streams", str(picture["index"]), "-read_intervals", "%+#3"),
        *("-show_entries", "frame=interlaced_frame,top_field_first", "-of", "csv=p=0"),
        source=source,
    )
    ended = run(command, ffprobe.PROBE_LIMITS, timeout=ffprobe.PROBE_SECONDS)
    flags = [line[:3] for line in ended.out.splitlines() if line]
    return {"1,1": "tt", "1,0": "bb"}.get(flags[0], "progressive") if flags else "unknown"


def count_fields(printed: str) -> FieldCounts:
    """The counts that ffmpeg's `idet` prints; it prints sums after each frame."""
    last = {name: float(value) for name, value in COUNT.findall(printed)}
    return FieldCounts(last.get("tff", 0) + last.get("bff", 0), last.get("progressive", 0))


def may_be_interlaced(picture: Mapping[str, Any], rate: Fraction) -> bool:
    """Whether a picture without a flag is to be analysed all the same."""
    lines = picture.get("height")
    known = lines in SD_LINES or (lines in HD_LINES and picture.get("codec_name") in CAMERA_CODECS)
    return known and rate <= MAX_RATE


def is_interlaced(flagged: bool, frames: FieldCounts) -> bool:
    """Whether to deinterlace: by what the frames show, else by the flag."""
    counted = frames.combed + frames.progressive
    if counted < MIN_FRAMES:
        return flagged
    share = frames.combed / counted
    return share > (MAX_SHARE_OF_PROGRESSIVE if flagged else MIN_SHARE_OF_INTERLACED)
