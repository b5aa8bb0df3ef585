"""What is in a source, as plain values, and the small decisions that follow from it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

# Frame rates that cameras and screens really have, in frames a second
USUAL_RATES = tuple(
    Fraction(rate)
    for rate in (
        "5", "6", "8", "10", "12", "12.5", "15", "20", "24000/1001", "24", "25",
        "30000/1001", "30", "48", "50", "60000/1001", "60",
    )
)  # fmt: skip
FASTEST = Fraction(60)
# A pixel this near to a square one is a square one: the rest is rounding in the file.
NEARLY_SQUARE = Fraction(1, 100)


# Colours beyond BT.709 that SDR footage comes in: UHD television, phones, cinema (ffmpeg's names)
WIDE = {"bt2020", "smpte432", "smpte431"}


class Content(StrEnum):
    """What kind of picture a source shows, as far as its encoding is concerned."""

    FILMED = "filmed"
    DARK = "dark"  # filmed with little light
    DRAWN = "drawn"  # by a computer: a screen, slides


@dataclass(frozen=True)
class Sound:
    """The audio track that is heard. `start` is in seconds of the presentation.

    `number` is the track's, from 1. `right` is the index of another track that is heard on the
    right, this one on the left then. `pan` is how its channels become two (ffmpeg's `pan`), where
    that is not for ffmpeg to decide.
    """

    index: int
    channels: int
    start: float
    seconds: float
    number: int | None = None
    right: int | None = None
    pan: str = ""


@dataclass(frozen=True)
class Facts:
    """A source as a viewer is to see it. Times are in seconds, 0 is where it begins.

    `shift` is what a decoder's clock shows at that beginning. `rotation` is in degrees clockwise
    to show it upright; `light` is "sdr", "pq" or "hlg"; `matrix` is ffmpeg's name or "". `tracks`
    are the sound tracks to choose from: dicts of number (from 1), language, title, channels, codec
    and default. `brightest` is in cd/m², and means something for HDR alone. Where it `varies`,
    pictures of other sizes come, too; `aspects` are (width, height, a pixel's width by its height)
    of the sizes whose pixels are not square. `decoder` is ffmpeg's name of the one to take, if not
    its own choice. `remarks` are what was decided for the producer (see `noticed.py`), `captions`
    are the caption tracks inside, as `tracks`. `content` is how the picture is encoded (see
    `content.py`).
    """

    width: int
    height: int
    rotation: int
    square_pixels: bool
    interlaced: bool
    frame_rate: Fraction
    constant_rate: Fraction
    light: str
    matrix: str
    full_range: bool
    index: int
    seconds: float
    picture_seconds: float
    shift: float
    sound: Sound | None
    tracks: tuple[dict[str, Any], ...] = ()
    primaries: str = ""
    alpha: bool = False
    brightest: int = 1000
    varies: bool = False
    aspects: tuple[tuple[int, int, float], ...] = ()
    decoder: str = ""
    remarks: tuple[str, ...] = ()
    captions: tuple[dict[str, Any], ...] = ()
    content: Content = Content.FILMED

    @property
    def hdr(self) -> bool:
        return self.light != "sdr"

    @property
    def wide(self) -> bool:
        """Whether its colours go beyond BT.709 in the light of every screen."""
        return not self.hdr and self.primaries in WIDE

    @property
    def frames(self) -> int:
        """Frames of the product, at its constant rate."""
        return max(1, round(self.seconds * self.constant_rate))

    @property
    def length(self) -> float:
        """Seconds of the product: its frames at their rate."""
        return float(self.frames / self.constant_rate)

    def for_people(self) -> dict[str, Any]:
        """What `transcode --json` and a cut tell of the source."""
        return {
            "width": self.width,
            "height": self.height,
            "seconds": round(self.seconds, 3),
            "frame_rate": round(float(self.frame_rate), 3),
            "has_audio": self.sound is not None,
            "rotation": self.rotation,
            "hdr": self.hdr,
        }

    def as_values(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self) | {
            "frame_rate": str(self.frame_rate),
            "constant_rate": str(self.constant_rate),
            "tracks": list(self.tracks),
            "aspects": [list(aspect) for aspect in self.aspects],
            "remarks": list(self.remarks),
            "captions": list(self.captions),
        }


def upright(width: int, height: int, aspect: Fraction, rotation: int) -> tuple[int, int]:
    """Size as a viewer sees it: `aspect` is a pixel's width by its height, then turned."""
    if not is_nearly_square(aspect):
        width = max(1, round(width * aspect))
    return (height, width) if rotation in {90, 270} else (width, height)


def is_nearly_square(aspect: Fraction) -> bool:
    """Whether pixels of this aspect are to be taken as square."""
    return abs(aspect - 1) < NEARLY_SQUARE


def constant_rate(average: Fraction, base: Fraction) -> Fraction:
    """The constant frame rate to give a source of these rates; never above 60.

    `base` is the rate on whose grid all time stamps lie, if that is one of this world: then it
    keeps the motion of sources whose frames were dropped unevenly.
    """
    if 0 < base <= FASTEST and base >= average * Fraction(9, 10):
        return usual(base)
    if average <= 0:
        return Fraction(25)
    is_known = average in USUAL_RATES or base == average
    while average > FASTEST + Fraction(1, 2):
        average /= 2
    if is_known:
        return usual(average)
    return next((rate for rate in USUAL_RATES if rate >= average * Fraction(99, 100)), FASTEST)


def usual(rate: Fraction) -> Fraction:
    """The usual rate that `rate` means, else itself; from 1 to 60 frames a second."""
    near = min(USUAL_RATES, key=lambda known: abs(known - rate))
    if abs(near - rate) * 2000 <= near:
        return near
    return min(FASTEST, max(Fraction(1), rate.limit_denominator(1001)))
