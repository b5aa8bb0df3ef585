"""When a track begins and ends, by its time stamps."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from videos.media.errors import SourceRefused
from videos.media.transcoding.probing import ffprobe
from videos.media.transcoding.probing.ffprobe import fail_if_timed_out, frame_rate, parse_seconds
from videos.media.transcoding.probing.messages import broken_times
from videos.media.transcoding.probing.packets import ENTRIES, packets, spans
from videos.media.transcoding.sandbox.process import MIB

# Containers whose time stamps ffmpeg shifts to begin with the tracks that it reads; those of others
# are shifted to begin with the whole file.
SHIFTED_BY_TRACK = {"mpegts", "mpeg"}
SMALL_FILE = 256 * MIB
# A screen recording may stand still for long; what is farther apart has broken time stamps.
MAX_GAP_SECONDS = 3600


def measured_end(source: Path, report: Mapping[str, Any], track: Mapping[str, Any]) -> float | None:
    """When a track ends by its packets, in the file's time stamps; None if none can be read.

    Small files are read completely. Of large ones only the end is read, unless the header has no
    duration or there is nothing where it says that the end is. Raises SourceRefused, EncodeFailed.
    """
    duration = parse_seconds(report["format"].get("duration"))
    if duration is None or source.stat().st_size <= SMALL_FILE:
        return end_in_interval(source, report, track, "")
    begin = parse_seconds(report["format"].get("start_time")) or 0
    interval = f"{max(begin, begin + duration - 10):.3f}%"
    end = end_in_interval(source, report, track, interval)
    return end or end_in_interval(source, report, track, "")


def end_in_interval(
    source: Path, report: Mapping[str, Any], track: Mapping[str, Any], interval: str
) -> float | None:
    """When the last packet of a track in an interval (ffprobe's syntax) ends.

    Raises SourceRefused, EncodeFailed.
    """
    options = [
        *("-select_streams", str(track["index"]), "-show_entries", ENTRIES, "-of", "csv=p=0"),
        *(("-read_intervals", interval) if interval else ()),
    ]
    default = 1 / float(frame_rate(track, "avg_frame_rate") or 25)
    last: float | None = None
    before: float | None = None
    resumes = is_shifted_by_track(report) and not interval
    timeout = 2 * ffprobe.PROBE_SECONDS
    with ffprobe.printed_lines(source, *options, timeout=timeout) as (code, lines):
        fail_if_timed_out(code)  # what was read by then is not the end
        for start, end in spans(packets(lines), default, resumes=resumes):
            if before is not None and abs(start - before) > MAX_GAP_SECONDS:
                raise SourceRefused(broken_times())
            before = start
            last = end if last is None else max(last, end)
    return last


def is_shifted_by_track(report: Mapping[str, Any]) -> bool:
    """Whether ffmpeg shifts this container's time stamps by the tracks that it reads."""
    return report["format"]["format_name"] in SHIFTED_BY_TRACK


def start_of(track: Mapping[str, Any], file_start: float) -> float:
    """When a track starts by its header, in the file's time stamps."""
    start = parse_seconds(track.get("start_time"))
    return file_start if start is None else start


def end_by_header(picture: Mapping[str, Any], report: Mapping[str, Any], start: float) -> float:
    """When the picture ends by its header."""
    duration = parse_seconds(picture.get("duration")) or parse_seconds(
        report["format"].get("duration")
    )
    return start + (duration or 0.0)
