"""Whether a source is filmed, filmed in the dark, or drawn by a computer, for its encoding.

A few of its frames are read; the classification itself is a pure function.
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from PIL import Image, ImageChops, ImageStat

from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_arguments
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits, run
from videos.media.transcoding.source_info import Content, SourceInfo

log = logging.getLogger(__name__)

# Where frames are sampled: shares of a source's length, at the key frame before each
SAMPLED_AT = (0.15, 0.5, 0.85)
WIDTH, HEIGHT = 1280, 720  # at most this much of the centre of each frame, unscaled
LIMITS = Limits(cpu_seconds=60, memory_bytes=4 * GIB, file_bytes=16 * MIB)
TIMEOUT_SECONDS = 45
SAMPLE = "look-%d.pgm"
# A frame is examined in so many tiles. Uniform tiles are left out (their range of shades is no more
# than coding noise): black bars, and the background of a page.
ACROSS, DOWN, UNIFORM_RANGE = 16, 9, 4
# A frame is dark below this mean luma (0 to 255) of its tiles: about 2 cd/m², by its transfer
# function
DARK = {"sdr": 45.0, "hlg": 45.0, "pq": 55.0}
# A frame is drawn where its FEW_SHADES commonest shades cover at least a share of FEW, at least a
# share of EVEN is as bright as the next pixel, and three tiles of four reach FEW_IN_TILES
FEW_SHADES, FEW, EVEN, FEW_IN_TILES = 4, 0.5, 0.6, 0.72


@dataclass(frozen=True)
class PictureStats:
    """Statistics of one frame.

    `light` is the mean luma (0 to 255) of the tiles that are not uniform; `even` the share of
    pixels that are exactly as bright as the next one on the right; `few` the share of the
    FEW_SHADES commonest shades; `few_in_tiles` the same share that three tiles of four reach.
    """

    light: float
    even: float
    few: float
    few_in_tiles: float

    @property
    def is_drawn(self) -> bool:
        """Whether it has the few shades of a screen or of slides, all over the frame."""
        return self.few >= FEW and self.even >= EVEN and self.few_in_tiles >= FEW_IN_TILES


def classify(stats: Sequence[PictureStats], light: str = "sdr") -> Content:
    """The kind of picture by the majority of frames; filmed if there are none.

    `light` is `SourceInfo.light`.
    """
    if not stats:
        return Content.FILMED
    if 2 * sum(one.is_drawn for one in stats) > len(stats):
        return Content.DRAWN
    return Content.DARK if median(one.light for one in stats) < DARK[light] else Content.FILMED


def picture_stats(picture: Image.Image) -> PictureStats | None:
    """The statistics of a grey picture; None if all its tiles are uniform."""
    width, height = picture.size
    shown = [tile for tile in tiles(picture) if not is_uniform(tile)]
    if not shown:
        return None
    left, right = picture.crop((0, 0, width - 1, height)), picture.crop((1, 0, width, height))
    same = ImageChops.difference(left, right).histogram()[0] if width > 1 else 0
    shares = sorted(commonest_share(tile) for tile in shown)
    return PictureStats(
        light=fmean(ImageStat.Stat(tile).mean[0] for tile in shown),
        even=same / (width * height),
        few=commonest_share(picture),
        few_in_tiles=shares[len(shares) // 4],
    )


def tiles(picture: Image.Image) -> Iterator[Image.Image]:
    """A picture in ACROSS × DOWN tiles, without the remainder at its right and lower edges."""
    width, height = max(1, picture.width // ACROSS), max(1, picture.height // DOWN)
    for top in range(0, picture.height - height + 1, height):
        for left in range(0, picture.width - width + 1, width):
            yield picture.crop((left, top, left + width, top + height))


def is_uniform(tile: Image.Image) -> bool:
    """Whether all its shades are within UNIFORM_RANGE."""
    counts = tile.histogram()
    shades = [shade for shade, count in enumerate(counts) if count]
    return shades[-1] - shades[0] <= UNIFORM_RANGE


def commonest_share(picture: Image.Image) -> float:
    """The share of pixels in the FEW_SHADES commonest shades."""
    return sum(sorted(picture.histogram())[-FEW_SHADES:]) / (picture.width * picture.height)


def detect_content(source: Path, info: SourceInfo) -> Content:
    """The kind of picture of a source.

    A source that cannot be sampled is taken as filmed: that suits every kind, only less well.
    """
    moments = [share * info.picture_seconds for share in SAMPLED_AT]
    with tempfile.TemporaryDirectory(prefix="samples-") as folder:
        ended = run(
            sample_command(source, info, moments),
            LIMITS,
            timeout=TIMEOUT_SECONDS,
            folder=Path(folder),
        )
        if ended.code != 0:
            log.info(
                "%s not sampled to the end, ended with %s: %s", source, ended.code, ended.err[-500:]
            )
        stats = [picture_stats(picture) for picture in read_samples(Path(folder))]
    return classify([one for one in stats if one], info.light)


def read_samples(folder: Path) -> list[Image.Image]:
    """The complete samples in a folder."""
    found = []
    for name in sorted(folder.glob("*.pgm")):
        try:
            with Image.open(name, formats=["PPM"]) as picture:
                found.append(picture.convert("L"))
        except (OSError, ValueError, Image.DecompressionBombError):
            log.info("%s is incomplete", name)
    return found


def sample_command(source: Path, info: SourceInfo, moments: Sequence[float]) -> list[str]:
    """The ffmpeg arguments that write the samples in the working folder, unscaled and unrotated."""
    read = [
        part
        for moment in moments
        for part in (
            *("-threads", "1", "-skip_frame", "nokey", "-noaccurate_seek", "-noautorotate"),
            *("-ss", f"{moment:.3f}", *input_arguments(source)),
        )
    ]
    size = f"'min(iw,{WIDTH})':'min(ih,{HEIGHT})'"
    middle = f"trim=end_frame=1,setpts=0,format=gray,crop={size},setsar=1"
    each = [f"[{number}:{info.index}]{middle}[m{number}]" for number in range(len(moments))]
    outputs = [
        part
        for number in range(len(moments))
        for part in (
            *("-map", f"[m{number}]", "-frames:v", "1", "-fps_mode", "passthrough"),
            *("-c:v", "pgm", "-f", "image2", "-update", "1", SAMPLE % number),
        )
    ]
    return [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", *read),
        *("-filter_complex", ";".join(each), *outputs),
    ]
