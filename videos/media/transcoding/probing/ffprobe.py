"""Runs ffprobe over a source, and reads the values that it prints.

The input is untrusted: ffprobe runs within limits, with a list of the containers and codecs it may
use and no access to other files or to a network.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from videos.media.errors import EncodeFailed, SourceRefused
from videos.media.transcoding.failures import took_too_long
from videos.media.transcoding.probing.messages import refusal, too_much_metadata, unreadable
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits, run, run_lines
from videos.media.transcoding.sandbox.sniff import Kind

log = logging.getLogger(__name__)

PROBE_LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=4 * MIB)
# Two lines a packet: those of a large file are read one by one, from the disk.
PACKET_LIMITS = Limits(cpu_seconds=60, memory_bytes=2 * GIB, file_bytes=512 * MIB)
PROBE_SECONDS = 60
MAX_TRACKS = 64


def read_report(source: Path) -> Mapping[str, Any]:
    """ffprobe's report on the container and the tracks.

    Raises SourceRefused, and EncodeFailed where time ran out.
    """
    options = ["-show_streams", "-show_format", "-of", "json"]
    ended = run(command(*options, source=source), PROBE_LIMITS, timeout=PROBE_SECONDS)
    fail_if_timed_out(ended.code)
    if ended.is_truncated:
        log.info("ffprobe prints more about %s than is read", source)
        raise SourceRefused(too_much_metadata())
    report = parse_json(ended.out)
    if ended.code != 0 or not report.get("streams"):
        log.info("ffprobe ended with %s: %s", ended.code, ended.err[-2000:])
        raise SourceRefused(unreadable())
    if len(report["streams"]) > MAX_TRACKS:
        raise SourceRefused(
            _("The file has too many tracks. Export it with one video and one audio track.")
        )
    if report["format"]["format_name"].endswith("_pipe"):
        raise SourceRefused(refusal(Kind.PICTURE))
    return report


def read_frames(
    source: Path, track: Mapping[str, Any], entries: str, interval: str, *options: str
) -> list[dict[str, Any]]:
    """ffprobe's report on the frames of a track in an interval (ffprobe's syntax)."""
    arguments = command(
        *("-select_streams", str(track["index"]), *options, "-read_intervals", interval),
        *("-show_entries", entries, "-of", "json"),
        source=source,
    )
    ended = run(arguments, PROBE_LIMITS, timeout=PROBE_SECONDS)
    frames: list[dict[str, Any]] = parse_json(ended.out).get("frames", [])
    return frames


@contextmanager
def printed_lines(
    source: Path, *options: str, timeout: float
) -> Iterator[tuple[int | None, Iterator[str]]]:
    """(exit code, lines) of ffprobe, for long output."""
    with run_lines(command(*options, source=source), PACKET_LIMITS, timeout=timeout) as printed:
        yield printed


def command(*options: str, source: Path) -> list[str]:
    """The arguments that run ffprobe over a source."""
    start = [binaries.ffprobe(), "-v", "error", "-threads", "1"]
    return [*start, *options, *input_arguments(source)]


def fail_if_timed_out(code: int | None) -> None:
    """Raises EncodeFailed for a tool that ran out of time: the file is not to blame for that."""
    if code is None:
        raise EncodeFailed(took_too_long(), "timeout")


def parse_json(printed: str) -> dict[str, Any]:
    """The JSON object that ffprobe printed; empty if it printed none."""
    try:
        report = json.loads(printed or "{}")
    except json.JSONDecodeError:
        return {}
    return report if isinstance(report, dict) else {}


def parse_seconds(text: Any) -> float | None:
    """A time; None if it is unknown or not finite."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if abs(value) < 1e9 else None


def parse_ratio(text: str) -> Fraction | None:
    """A positive ratio; None if it is unknown."""
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def frame_rate(track: Mapping[str, Any], name: str) -> Fraction | None:
    """A frame rate of a track: `r_frame_rate` or `avg_frame_rate`."""
    return parse_ratio(track.get(name, ""))
