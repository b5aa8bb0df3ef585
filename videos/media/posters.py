"""The poster of a video, chosen among moments spread over it.

The sharpest moment with good contrast wins, and one with tones of skin in the middle counts more,
the sharper it is there. What is nearly black or white, or moves, or is within a fade counts little.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import ffmpeg

from videos.media import binaries
from videos.media.confine import GIB, MIB, Limits
from videos.media.fragments import film
from videos.media.playlist import Media
from videos.media.storyboard import fitted
from videos.media.verify import made_by

POSTER = "poster.jpg"
LONG_SIDE = 1280
MOST_SEGMENTS = 12
BETWEEN_SECONDS = Fraction(1, 2)
# Of each moment, maps of so many cells: light, blue and red difference, detail, and motion
ACROSS, DOWN = 32, 18
CELLS = ACROSS * DOWN
MAPS = 5
MOMENTS = "moments.gray"
Stream = Any  # ffmpeg-python has no types
LIMITS = Limits(cpu_seconds=600, memory_bytes=4 * GIB, file_bytes=64 * MIB)
# Where chroma of skin lies, whatever its shade, in 8-bit BT.601/709 (Chai and Ngan, 1999)
SKIN_BLUE, SKIN_RED = range(77, 128), range(133, 174)
DARKEST, BRIGHTEST = 40, 215  # mean luma of a picture that is worth showing


@dataclass(frozen=True)
class Moment:
    """What is told of one moment; `light` to `motion` are means of 0 to 255, `skin` is a share."""

    light: float
    contrast: float
    detail: float
    motion: float
    skin: float
    skin_detail: float

    @property
    def worth(self) -> float:
        """The larger, the better a poster."""
        seen = 1.0 if DARKEST <= self.light <= BRIGHTEST else 0.1
        face = 1 + min(self.skin, 0.25) * 4 * (1 + self.skin_detail / 8)
        still = 1 / (1 + self.motion / 4)
        return seen * self.contrast * (1 + self.detail) * face * still


def moment(maps: bytes) -> Moment:
    """What the five maps of a moment tell."""
    light, blue, red, detail, motion = (maps[at * CELLS : (at + 1) * CELLS] for at in range(MAPS))
    skin = [
        cell for cell in middle() if blue[cell] in SKIN_BLUE and red[cell] in SKIN_RED
        and light[cell] > DARKEST
    ]  # fmt: skip
    return Moment(
        light=fmean(light),
        contrast=pstdev(light),
        detail=fmean(detail),
        motion=fmean(motion),
        skin=len(skin) / len(middle()),
        skin_detail=fmean(detail[cell] for cell in skin) if skin else 0.0,
    )


def middle() -> list[int]:
    """The cells that are not at the rim."""
    return [
        row * ACROSS + column
        for row in range(DOWN // 9, DOWN - DOWN // 9)
        for column in range(ACROSS // 5, ACROSS - ACROSS // 5)
    ]


def best(maps: bytes) -> int:
    """Which of the moments is the best poster; the earliest of equals."""
    size = CELLS * MAPS
    worths = [moment(maps[at : at + size]).worth for at in range(0, len(maps) - size + 1, size)]
    return max(range(len(worths)), key=worths.__getitem__, default=0)


def candidates(count: int) -> list[int]:
    """Which of `count` segments to look into."""
    looked = min(count, MOST_SEGMENTS)
    return sorted({(2 * number + 1) * count // (2 * looked) for number in range(looked)})


def make(
    folder: Path,
    places: tuple[Path, Path],
    media: Media,
    size: tuple[int, int],
    rate: Fraction,
) -> str:
    """The name of the poster, made in `folder`. Raises EncodeFailed.

    `places` are the renditions to choose by (a small one) and to take it from, of upright `size`;
    their segments are those of `media`.
    """
    small, large = places
    chosen = candidates(len(media.segments))
    names = [media.segments[number][0] for number in chosen]
    frames = round(sum(media.segments[number][1] for number in chosen) * rate)
    step = max(1, min(frames, round(BETWEEN_SECONDS * rate)))
    with film(small / media.init, [small / name for name in names]) as seen:
        made_by(looking(seen, step), folder, LIMITS, "a choice of moments")
    looked = folder / MOMENTS
    frame = best(looked.read_bytes()) * step + step // 2
    looked.unlink()
    per_segment = max(1, round(media.segments[0][1] * rate))
    # The last segment may be longer than the others by a few frames.
    number = min(frame // per_segment, len(names) - 1)
    within = frame - number * per_segment
    with film(large / media.init, [large / names[number]]) as source:
        made_by(taking(source, within, size), folder, LIMITS, "a poster")
    return POSTER


def looking(source: Path, step: int) -> list[str]:
    """The arguments that write the maps of one picture in `step` of a film, one after the other.

    The picture before each is taken along, for what moves.
    """
    at = step // 2
    pairs = f"eq(mod(n,{step}),{at})+eq(mod(n,{step}),{max(0, at - 1)})"
    second = "mod(n,2)" if at else "1"
    looked = ffmpeg.input(f"file:{source}", protocol_whitelist="file", threads=1).video
    seen = looked.filter("select", pairs).filter("setpts", "N/TB").split()
    moving = (
        cells(seen[0], 2)
        .filter("tpad", start=1, start_mode="clone")  # else the first has none to differ from
        .filter("tblend", all_mode="difference")
        .filter("select", second)
    )
    still = seen[1].filter("select", second).split()
    light = still[0].filter("scale", ACROSS, DOWN, flags="area").filter("format", "yuv444p")
    planes = light.filter_multi_output("extractplanes", "y+u+v")
    detail = still[1].filter("format", "gray").filter("convolution", "0 -1 0 -1 4 -1 0 -1 0")
    maps = [planes["y"], planes["u"], planes["v"], cells(detail), cells(moving)]
    stacked = ffmpeg.filter([part.filter("setpts", "N/TB") for part in maps], "vstack", MAPS)
    return asked(
        stacked, MOMENTS, format="rawvideo", pix_fmt="gray", fps_mode="passthrough",
    )  # fmt: skip


def cells(picture: Stream, times: int = 1) -> Stream:
    """The mean light of the cells of a picture, of `times` as many each way."""
    grey = picture.filter("format", "gray")
    return grey.filter("scale", ACROSS * times, DOWN * times, flags="area")


def taking(source: Path, number: int, size: tuple[int, int]) -> list[str]:
    """The arguments that write one picture of a film as a JPEG (of BT.601; ITU-T T.871)."""
    width, height = fitted(*size, LONG_SIDE)
    picture = (
        ffmpeg.input(f"file:{source}", protocol_whitelist="file")
        .video.filter("select", f"eq(n,{number})")
        .filter(
            "scale", width, height, flags="area",
            in_color_matrix="bt709", out_color_matrix="bt601", out_range="full",
        )
        .filter("format", "yuv420p")
        .filter("setsar", 1)
    )  # fmt: skip
    still = {"frames:v": 1, "c:v": "mjpeg", "q:v": 3}
    return asked(picture, POSTER, format="image2", update=1, map_metadata=-1, **still)


def asked(picture: Stream, name: str, **options: Any) -> list[str]:
    """The arguments that write this picture."""
    output = ffmpeg.output(picture, name, **options)
    return output.global_args("-v", "error", "-nostdin", "-y").compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
