"""The frame rate of a picture whose header does not say, from the times of its frames.

Recorders of screens and calls write frames as they arrive, so that the average over pauses is far
below the rate of motion.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from videos.media.transcoding.probing import ffprobe
from videos.media.transcoding.probing.ffprobe import frame_rate
from videos.media.transcoding.probing.packets import ENTRIES, packets
from videos.media.transcoding.source_info import MAX_RATE, STANDARD_RATES, nearest_standard

TOLERANCE = Fraction(1, 20)  # a count this close to a standard rate is that rate
# How much of a source is read for its frame rate
MEASURED_SECONDS = 120
WHOLE_RATES = [rate for rate in STANDARD_RATES if rate.denominator <= 2]


def measured_peak_rate(source: Path, picture: Mapping[str, Any]) -> Fraction | None:
    """The frame rate at its fastest, measured where the header has no plausible rate; else None."""
    base, average = frame_rate(picture, "r_frame_rate"), frame_rate(picture, "avg_frame_rate")
    if not is_doubtful(base, average):
        return None
    options = [
        *("-select_streams", str(picture["index"]), "-read_intervals", f"%+{MEASURED_SECONDS}"),
        *("-show_entries", ENTRIES, "-of", "csv=p=0"),
    ]
    timeout = ffprobe.PROBE_SECONDS
    with ffprobe.printed_lines(source, *options, timeout=timeout) as (_code, lines):
        starts = [packet.shown for packet in packets(lines) if packet.shown is not None]
    return peak_rate(starts) if starts else None


def is_doubtful(base: Fraction | None, average: Fraction | None) -> bool:
    """Whether a header has no plausible frame rate.

    `base` is the rate on whose grid the time stamps lie; 90 kHz is a clock, not a frame rate.
    """
    if not base or not average:
        return True
    return base != average and (base > MAX_RATE or base < average * Fraction(9, 10))


def peak_rate(starts: Sequence[float]) -> Fraction | None:
    """Frames a second where frames come fast: the 75th percentile over the seconds from each frame.

    `starts` are in seconds. None where they span less than a second.
    """
    times = sorted(starts)
    counts = sorted(
        frames_in_second(times, number) for number, at in enumerate(times) if at + 1 < times[-1]
    )
    if not counts:
        return None
    return near_standard(Fraction(counts[3 * len(counts) // 4]).limit_denominator(1000))


def frames_in_second(times: Sequence[float], first: int) -> float:
    """Frames in the second from frame `first` on, the last one as a fraction.

    Whole frames would be one too many about half of the time, where frames come early or late.
    """
    end = times[first] + 1
    after = bisect_right(times, end)
    before = times[after - 1]
    return after - 1 - first + (end - before) / (times[after] - before)


def near_standard(rate: Fraction) -> Fraction:
    """The standard rate close to a count of frames, else the count itself."""
    near = min(WHOLE_RATES, key=lambda known: abs(known - rate))
    return near if abs(near - rate) <= TOLERANCE * near else rate


def effective_rate(average: Fraction, peak: Fraction) -> Fraction:
    """The rate of motion: `average` if it is a standard rate close to `peak`, such as 29.97 to 30,
    else `peak`."""
    known = nearest_standard(average)
    return known if known in STANDARD_RATES and near_standard(known) == peak else peak
