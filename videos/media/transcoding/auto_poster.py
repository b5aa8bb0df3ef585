"""The automatic poster of a video, chosen among moments spread over it.

The sharpest moment with good contrast wins. Skin tones in the centre raise the score, the more the
sharper they are. Moments that are nearly black or white, in motion or in a fade score low.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import ffmpeg

from videos.media.transcoding.encode import run_tool
from videos.media.transcoding.fmp4 import joined_file
from videos.media.transcoding.geometry import fit_within
from videos.media.transcoding.hls import Media
from videos.media.transcoding.ladder import UNIVERSAL_SHORT_SIDE, Rung, largest_up_to, nearest
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits

POSTER = "poster.jpg"
LONG_SIDE = 1280
CHOICE_SHORT_SIDE = 360  # of the rendition that the moment is chosen by
MAX_SEGMENTS = 12
INTERVAL_SECONDS = Fraction(1, 2)
# Each moment is measured by maps of so many cells: luma, Cb, Cr, detail and motion
ACROSS, DOWN = 32, 18
CELLS = ACROSS * DOWN
MAPS = 5
MOMENTS = "moments.gray"
Stream = Any  # ffmpeg-python has no types
LIMITS = Limits(cpu_seconds=600, memory_bytes=4 * GIB, file_bytes=64 * MIB)
# The chroma of skin of every shade, in 8-bit BT.601/709 (Chai and Ngan, 1999)
SKIN_BLUE, SKIN_RED = range(77, 128), range(133, 174)
DARKEST, BRIGHTEST = 40, 215  # mean luma of a picture that may be a poster


@dataclass(frozen=True)
class Moment:
    """Measurements of one moment; `light` to `motion` are from 0 to 255, `skin` is a share."""

    light: float
    contrast: float
    detail: float
    motion: float
    skin: float
    skin_detail: float

    @property
    def score(self) -> float:
        """The higher, the better as a poster."""
        seen = 1.0 if DARKEST <= self.light <= BRIGHTEST else 0.1
        face = 1 + min(self.skin, 0.25) * 4 * (1 + self.skin_detail / 8)
        still = 1 / (1 + self.motion / 4)
        return seen * self.contrast * (1 + self.detail) * face * still


def measure_moment(maps: bytes) -> Moment:
    """The measurements of a moment from its five maps."""
    light, blue, red, detail, motion = (maps[at * CELLS : (at + 1) * CELLS] for at in range(MAPS))
    skin = [
        cell for cell in centre_cells() if blue[cell] in SKIN_BLUE and red[cell] in SKIN_RED
        and light[cell] > DARKEST
    ]  # fmt: skip
    return Moment(
        light=fmean(light),
        contrast=pstdev(light),
        detail=fmean(detail),
        motion=fmean(motion),
        skin=len(skin) / len(centre_cells()),
        skin_detail=fmean(detail[cell] for cell in skin) if skin else 0.0,
    )


def centre_cells() -> list[int]:
    """The indexes of the cells that are not at the edge."""
    return [
        row * ACROSS + column
        for row in range(DOWN // 9, DOWN - DOWN // 9)
        for column in range(ACROSS // 5, ACROSS - ACROSS // 5)
    ]


def best_moment(maps: bytes) -> int:
    """The index of the moment with the highest score; the earliest of equals."""
    size = CELLS * MAPS
    scores = [
        measure_moment(maps[at : at + size]).score for at in range(0, len(maps) - size + 1, size)
    ]
    return max(range(len(scores)), key=scores.__getitem__, default=0)


def candidate_segments(count: int) -> list[int]:
    """The indexes of the segments, of `count`, in which moments are measured."""
    wanted = min(count, MAX_SEGMENTS)
    return sorted({(2 * number + 1) * count // (2 * wanted) for number in range(wanted)})


def write_poster(
    folder: Path, rungs: Sequence[Rung], pictures: Sequence[Media], rate: Fraction
) -> None:
    """Write POSTER in `folder`, taken from the renditions there. Raises EncodeFailed.

    The moment is chosen by a small rendition and the picture taken from a large one; their segments
    are the same.
    """
    best = largest_up_to(rungs, UNIVERSAL_SHORT_SIDE)
    small = folder / rungs[nearest(rungs, CHOICE_SHORT_SIDE)].folder
    large, media = folder / rungs[best].folder, pictures[best]
    chosen = candidate_segments(len(media.segments))
    names = [media.segments[number][0] for number in chosen]
    frames = round(sum(media.segments[number][1] for number in chosen) * rate)
    step = max(1, min(frames, round(INTERVAL_SECONDS * rate)))
    with joined_file(small / media.init, [small / name for name in names]) as source:
        run_tool(maps_command(source, step), folder, LIMITS, "a choice of moments")
    maps = folder / MOMENTS
    frame = best_moment(maps.read_bytes()) * step + step // 2
    maps.unlink()
    per_segment = max(1, round(media.segments[0][1] * rate))
    # The last segment may be longer than the others by a few frames.
    number = min(frame // per_segment, len(names) - 1)
    within = frame - number * per_segment
    size = (rungs[best].width, rungs[best].height)
    with joined_file(large / media.init, [large / names[number]]) as source:
        run_tool(still_command(source, within, size), folder, LIMITS, "a poster")


def maps_command(source: Path, step: int) -> list[str]:
    """The ffmpeg arguments that write the maps of every `step`-th frame, one after the other.

    The frame before each is read as well, for the motion.
    """
    at = step // 2
    pairs = f"eq(mod(n,{step}),{at})+eq(mod(n,{step}),{max(0, at - 1)})"
    second = "mod(n,2)" if at else "1"
    video = ffmpeg.input(f"file:{source}", protocol_whitelist="file", threads=1).video
    frames = video.filter("select", pairs).filter("setpts", "N/TB").split()
    motion = (
        cell_means(frames[0], 2)
        .filter("tpad", start=1, start_mode="clone")  # the first frame has none before it
        .filter("tblend", all_mode="difference")
        .filter("select", second)
    )
    still = frames[1].filter("select", second).split()
    light = still[0].filter("scale", ACROSS, DOWN, flags="area").filter("format", "yuv444p")
    planes = light.filter_multi_output("extractplanes", "y+u+v")
    detail = still[1].filter("format", "gray").filter("convolution", "0 -1 0 -1 4 -1 0 -1 0")
    maps = [planes["y"], planes["u"], planes["v"], cell_means(detail), cell_means(motion)]
    stacked = ffmpeg.filter([part.filter("setpts", "N/TB") for part in maps], "vstack", MAPS)
    return compile_output(
        stacked, MOMENTS, format="rawvideo", pix_fmt="gray", fps_mode="passthrough",
    )  # fmt: skip


def cell_means(picture: Stream, times: int = 1) -> Stream:
    """The mean luma of the cells of a picture, with `times` as many cells each way."""
    grey = picture.filter("format", "gray")
    return grey.filter("scale", ACROSS * times, DOWN * times, flags="area")


def still_command(source: Path, number: int, size: tuple[int, int]) -> list[str]:
    """The ffmpeg arguments that write one frame as a JPEG (in BT.601; ITU-T T.871)."""
    width, height = fit_within(*size, LONG_SIDE)
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
    return compile_output(picture, POSTER, format="image2", update=1, map_metadata=-1, **still)


def compile_output(picture: Stream, name: str, **options: Any) -> list[str]:
    """The ffmpeg arguments that write this picture to `name`."""
    output = ffmpeg.output(picture, name, **options)
    return output.global_args("-v", "error", "-nostdin", "-y").compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
