"""Sizes of pictures, in pixels."""

from fractions import Fraction

# A pixel aspect ratio this close to 1 is taken as square: the rest is rounding in the file.
SQUARE_TOLERANCE = Fraction(1, 100)


def upright(width: int, height: int, aspect: Fraction, rotation: int) -> tuple[int, int]:
    """The size as a viewer sees it: with square pixels, then rotated.

    `aspect` is the sample aspect ratio (a pixel's width by its height).
    """
    if not is_square(aspect):
        width = max(1, round(width * aspect))
    return (height, width) if rotation in {90, 270} else (width, height)


def is_square(aspect: Fraction) -> bool:
    """Whether pixels of this aspect ratio are taken as square."""
    return abs(aspect - 1) < SQUARE_TOLERANCE


def fit_within(width: int, height: int, long_side: int) -> tuple[int, int]:
    """A size of the same shape whose long side is `long_side` at most; sides are even."""
    scale = min(1.0, long_side / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
