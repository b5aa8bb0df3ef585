"""The encoding ladder: which renditions a source gets, by the size and rate of its picture.

Pure decisions.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Rung(NamedTuple):
    """One rendition to encode."""

    width: int
    height: int
    bitrate: int  # bits per second at most, video only

    @property
    def folder(self) -> str:
        """The folder of the rendition in its set."""
        return f"{self.width}x{self.height}"

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


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
MAX_LONG_SIDE = 4096
UNIVERSAL_SHORT_SIDE = 1080  # every device plays up to this
# A source so many times as large as the largest step below it gets a rung of its own size.
OWN_RUNG_RATIO = Fraction(11, 10)


def even(value: Fraction, most: int) -> int:
    """The even number nearest to `value` that does not exceed `most`; at least 2."""
    return max(2, min(2 * round(value / 2), most // 2 * 2))


def bitrate(short: int) -> int:
    """Bits per second at most for a short side of `short` pixels: the next step's, by area."""
    above = min((step for step in STEPS if step >= short), default=max(STEPS))
    return min(STEPS[above], max(100_000, int(STEPS[above] * Fraction(short, above) ** 2)))


def ladder(width: int, height: int, frame_rate: float = 30) -> list[Rung]:
    """Rungs for a source of upright `width` × `height` square pixels, best first.

    Sides are even, none exceeds the source's, and there is always one rung. Steps are lengths of
    the short side. The source's own size is the first rung where no step comes near it.
    """
    short, long = sorted((width, height))
    largest = min(short, int(Fraction(MAX_LONG_SIDE * short, long)), max(STEPS))
    steps = [step for step in STEPS if step <= largest]
    if not steps or largest >= OWN_RUNG_RATIO * steps[0]:
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


def nearest(rungs: Sequence[Rung], short_side: int) -> int:
    """The index of the rung whose short side is nearest to `short_side` pixels."""
    return min(range(len(rungs)), key=lambda at: abs(rungs[at].short_side - short_side))


def largest_up_to(rungs: Sequence[Rung], short_side: int) -> int:
    """The index of the largest rung that is no larger than `short_side`, else of the smallest."""
    fitting = [at for at, rung in enumerate(rungs) if rung.short_side <= short_side]
    return fitting[0] if fitting else len(rungs) - 1
