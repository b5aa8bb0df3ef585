"""The times of a track's packets, from the lines that ffprobe prints: pure functions."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from videos.media.transcoding.probing.ffprobe import parse_seconds

# What ffprobe prints of each packet, as comma-separated values
ENTRIES = "packet=pts_time,dts_time,duration_time,flags"
# ffmpeg takes a jump that far forward or back for a discontinuity.
MAX_FORWARD_SECONDS, MAX_BACK_SECONDS = 10.0, 0.1
# A longer duration of a single frame is not plausible.
MAX_DURATION_SECONDS = 10.0


class Packet(NamedTuple):
    """Presentation time, decoding time and duration in seconds, None where unknown."""

    shown: float | None
    decoded: float | None
    duration: float | None


def packets(lines: Iterable[str]) -> Iterator[Packet]:
    """The packets that are shown, in the order of the file."""
    for line in lines:
        shown, decoded, duration, flags = (*line.split(","), "", "", "", "")[:4]
        # Packets that an edit list leaves out are only decoded for others.
        if "D" not in flags and line:
            yield Packet(parse_seconds(shown), parse_seconds(decoded), parse_seconds(duration))


def spans(
    found: Iterable[Packet], default: float, *, resumes: bool
) -> Iterator[tuple[float, float]]:
    """(start, end) of each packet.

    `default` is the duration of a packet that has none. With `resumes`, times after a discontinuity
    continue from before it, as ffmpeg does for broadcast containers.
    """
    offset = 0.0
    end: float | None = None
    clock: float | None = None
    for packet in found:
        duration = min(packet.duration or default, max(MAX_DURATION_SECONDS, default))
        decoded = packet.shown if packet.decoded is None else packet.decoded
        if resumes and decoded is not None:
            if (
                clock is not None
                and not -MAX_BACK_SECONDS <= decoded - clock <= MAX_FORWARD_SECONDS
            ):
                offset += clock - decoded  # both in the packets' own time stamps
            clock = decoded + duration
        start = decoded if packet.shown is None else packet.shown
        # Some containers have a time only for the first of several frames.
        start = end if start is None else start + offset
        if start is not None:
            end = start + duration
            yield start, end
