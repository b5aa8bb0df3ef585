"""Which renditions a cut gets: a pure decision on the size of its picture."""

from fractions import Fraction
from typing import NamedTuple


class Rung(NamedTuple):
    """One rendition to make."""

    width: int
    height: int
    bitrate: int  # bits per second at most, video only


# short side in pixels: bits per second at most, at up to 30 frames a second
STEPS = {
    2160: 24_000_000,
    1440: 14_000_000,
    1080: 9_000_000,
    720: 5_000_000,
    480: 2_500_000,
    360: 1_500_000,
    240: 800_000,
}
LONGEST_SIDE = 4096
# A source this much larger than the largest step below it gets a rung of its own size.
WORTH_A_RUNG = Fraction(11, 10)


def even(value: Fraction, most: int) -> int:
    """The even number nearest to `value` that does not exceed `most`; at least 2."""
    return max(2, min(2 * round(value / 2), most // 2 * 2))


def bitrate(short: int) -> int:
    """Bits per second for a short side of `short` pixels: of the steps around it, by area."""
    above = min((step for step in STEPS if step >= short), default=max(STEPS))
    return min(STEPS[above], max(100_000, int(STEPS[above] * Fraction(short, above) ** 2)))


def ladder(width: int, height: int, frame_rate: float = 30) -> list[Rung]:
    """Rungs for a source of upright `width` × `height` square pixels, best first.

    Sides are even, none exceeds the source's, and there is always one rung. Portrait goes by its
    short side. The source's own size is the first rung where no step comes near it.
    """
    short, long = sorted((width, height))
    largest = min(short, int(Fraction(LONGEST_SIDE * short, long)), max(STEPS))
    steps = [step for step in STEPS if step <= largest]
    if not steps or largest >= WORTH_A_RUNG * steps[0]:
        steps = [largest, *steps]
    faster = Fraction(3, 2) if frame_rate > 30.5 else 1
    return [
        Rung(
            even(Fraction(width * step, short), width),
            even(Fraction(height * step, short), height),
            int(bitrate(step) * faster),
        )
        for step in steps
    ]
