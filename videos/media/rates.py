"""How fast a picture moves whose header does not tell: by the times of its frames.

Recorders of screens and calls write frames when they come, so that an average over pauses and
stills is far below what the eye sees. Pure functions.
"""

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from videos.media.facts import FASTEST, USUAL_RATES, usual

NEAR = Fraction(1, 20)  # a count this near to a usual rate is that one
WHOLE_RATES = [rate for rate in USUAL_RATES if rate.denominator <= 2]


def is_doubtful(base: Fraction | None, average: Fraction | None) -> bool:
    """Whether a header tells no rate that can be believed.

    `base` is the rate on whose grid the time stamps lie; clocks of 90 kHz are no rate.
    """
    if not base or not average:
        return True
    return base != average and (base > FASTEST or base < average * Fraction(9, 10))


def busiest(starts: Sequence[float]) -> Fraction | None:
    """Frames a second where frames come fast: a quarter of all frames begin a busier second.

    `starts` are in seconds. None where there is less than a second of them.
    """
    times = sorted(starts)
    counts = sorted(
        within_a_second(times, number) for number, at in enumerate(times) if at + 1 < times[-1]
    )
    if not counts:
        return None
    return near_usual(Fraction(counts[3 * len(counts) // 4]).limit_denominator(1000))


def within_a_second(times: Sequence[float], first: int) -> float:
    """Frames in the second that begins with one; the last one in part, by where that second ends.

    Whole ones would be one too many as often as not, where frames come early or late.
    """
    end = times[first] + 1
    after = bisect_right(times, end)
    before = times[after - 1]
    return after - 1 - first + (end - before) / (times[after] - before)


def near_usual(rate: Fraction) -> Fraction:
    """The usual rate that is meant by a count of frames, else itself."""
    near = min(WHOLE_RATES, key=lambda known: abs(known - rate))
    return near if abs(near - rate) <= NEAR * near else rate


def meant(average: Fraction, fast: Fraction) -> Fraction:
    """The rate of pictures that come `fast` at their busiest: the average, where that is a usual
    rate of the same kind (29.97 and 30 are), else the busiest."""
    known = usual(average)
    return known if known in USUAL_RATES and near_usual(known) == fast else fast
