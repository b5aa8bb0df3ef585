"""When a track ends, from what ffprobe tells of its packets: pure functions on its lines."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

# What ffprobe is to print of each packet, as comma-separated values
SHOWN = "packet=pts_time,dts_time,duration_time,flags"
# ffmpeg takes a time that far ahead, or that far back, for a clock that was set anew.
AHEAD_SECONDS, BACK_SECONDS = 10.0, 0.1
# One picture that claims to stay longer is not believed.
LONGEST_STAY_SECONDS = 10.0


class Packet(NamedTuple):
    """Times in seconds, None where they are not told."""

    shown: float | None
    read: float | None
    length: float | None


def packets(lines: Iterable[str]) -> Iterator[Packet]:
    """The packets that are shown, in the order of the file."""
    for line in lines:
        shown, read, length, flags = (*line.split(","), "", "", "", "")[:4]
        # What an edit list leaves out is decoded for others' sake alone.
        if "D" not in flags and line:
            yield Packet(seconds(shown), seconds(read), seconds(length))


def spans(found: Iterable[Packet], usual: float, *, resumes: bool) -> Iterator[tuple[float, float]]:
    """(start, end) of each packet. `usual` is a packet's length where none is told; with `resumes`
    a clock that jumps goes on from where it was, as ffmpeg has it for broadcast containers."""
    moved = 0.0
    end: float | None = None
    clock: float | None = None
    for packet in found:
        length = min(packet.length or usual, max(LONGEST_STAY_SECONDS, usual))
        read = packet.shown if packet.read is None else packet.read
        if resumes and read is not None:
            if clock is not None and not -BACK_SECONDS <= read - clock <= AHEAD_SECONDS:
                moved += clock - read  # both on the packets' own clock
            clock = read + length
        start = read if packet.shown is None else packet.shown
        # Some containers tell the time of the first of several pictures alone.
        start = end if start is None else start + moved
        if start is not None:
            end = start + length
            yield start, end


def seconds(text: Any) -> float | None:
    """A time in ffprobe's words; None for what is not told or not finite."""
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if abs(value) < 1e9 else None
