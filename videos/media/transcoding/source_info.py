"""What a source contains, as plain values, and the frame rate that follows from it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

# The frame rates of cameras and screens, in frames a second
STANDARD_RATES = tuple(
    Fraction(rate)
    for rate in (
        "5", "6", "8", "10", "12", "12.5", "15", "20", "24000/1001", "24", "25",
        "30000/1001", "30", "48", "50", "60000/1001", "60",
    )
)  # fmt: skip
MAX_RATE = Fraction(60)
# Colour primaries wider than BT.709 in SDR: UHD television, phones, cinema (ffmpeg's names)
WIDE_GAMUTS = {"bt2020", "smpte432", "smpte431"}


class Content(StrEnum):
    """The kind of picture, as far as it matters for encoding."""

    FILMED = "filmed"
    DARK = "dark"  # filmed with little light
    DRAWN = "drawn"  # by a computer: a screen, slides


@dataclass(frozen=True)
class SoundInfo:
    """The selected audio track. `start` is in seconds from where the source begins.

    `number` is the track's number, from 1. With `right`, the index of another track, this track is
    the left channel and that one the right. `pan` is the argument of ffmpeg's `pan` that mixes the
    channels to stereo, where ffmpeg does not know how to.
    """

    index: int
    channels: int
    start: float
    seconds: float
    number: int | None = None
    right: int | None = None
    pan: str = ""


@dataclass(frozen=True)
class SourceInfo:
    """A source as a viewer will see it. Times are in seconds from where it begins.

    - `rotation`: degrees clockwise that show the picture upright
    - `light`: the transfer function, "sdr", "pq" or "hlg"
    - `matrix`: the colour matrix by ffmpeg's name, or ""
    - `index`: the picture track's index in the file
    - `shift`: the time stamp at which the source begins
    - `tracks`: the audio tracks to choose from, as dicts of number (from 1), language, title,
      channels, codec and default
    - `brightest`: the peak brightness in cd/m², for HDR only
    - `varies`: the size of the picture changes midway
    - `aspects`: (width, height, sample aspect ratio) of the sizes whose pixels are not square
    - `decoder`: ffmpeg's name of the decoder, if not its default one
    - `remarks`: codes of decisions that the producer is told about (`videos.media.cuts.notices`)
    - `captions`: the embedded caption tracks, as `tracks`
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
    sound: SoundInfo | None
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
        """Whether its colours are wider than BT.709 in SDR."""
        return not self.hdr and self.primaries in WIDE_GAMUTS

    @property
    def frames(self) -> int:
        """Frames of a rendition, at the constant rate."""
        return max(1, round(self.seconds * self.constant_rate))

    @property
    def length(self) -> float:
        """Seconds of a rendition: its frames at the constant rate."""
        return float(self.frames / self.constant_rate)

    def summary(self) -> dict[str, Any]:
        """What `transcode --json` prints and a cut stores of the source."""
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
        """All values, in a form that JSON can hold. `from_values` reads them."""
        return asdict(self) | {
            "frame_rate": str(self.frame_rate),
            "constant_rate": str(self.constant_rate),
            "tracks": list(self.tracks),
            "aspects": [list(aspect) for aspect in self.aspects],
            "remarks": list(self.remarks),
            "captions": list(self.captions),
        }

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "SourceInfo":
        """The inverse of `as_values`; values of earlier versions may lack the newest fields."""
        return cls(
            **values
            | {
                "frame_rate": Fraction(values["frame_rate"]),
                "constant_rate": Fraction(values["constant_rate"]),
                "sound": SoundInfo(**values["sound"]) if values["sound"] else None,
                "tracks": tuple(values["tracks"]),
                "remarks": tuple(values.get("remarks", ())),
                "captions": tuple(values.get("captions", ())),
                "content": Content(values.get("content", Content.FILMED)),
                "aspects": tuple(tuple(aspect) for aspect in values.get("aspects", ())),
            }
        )


def constant_rate(average: Fraction, base: Fraction) -> Fraction:
    """The constant frame rate of the renditions of a source with these rates; 60 at most.

    `base` is the rate on whose grid all time stamps lie (ffprobe's `r_frame_rate`), or 0. Where it
    is plausible it is used, to keep the motion of sources with unevenly dropped frames.
    """
    if 0 < base <= MAX_RATE and base >= average * Fraction(9, 10):
        return nearest_standard(base)
    if average <= 0:
        return Fraction(25)
    is_known = average in STANDARD_RATES or base == average
    while average > MAX_RATE + Fraction(1, 2):
        average /= 2
    if is_known:
        return nearest_standard(average)
    return next((rate for rate in STANDARD_RATES if rate >= average * Fraction(99, 100)), MAX_RATE)


def nearest_standard(rate: Fraction) -> Fraction:
    """The standard rate that `rate` is a rounding of, else itself; from 1 to 60 frames a second."""
    near = min(STANDARD_RATES, key=lambda known: abs(known - rate))
    if abs(near - rate) * 2000 <= near:
        return near
    return min(MAX_RATE, max(Fraction(1), rate.limit_denominator(1001)))
