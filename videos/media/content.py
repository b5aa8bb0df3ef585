"""What kind of picture a source shows, as far as its encoding is concerned: filmed by day or in the
dark, or drawn by a computer.

Some of its pictures are looked at (I/O); what follows from them is a pure decision.
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from PIL import Image, ImageChops, ImageStat

from videos.media import binaries
from videos.media.allowed import guarded
from videos.media.confine import GIB, MIB, Limits, run
from videos.media.facts import Content, Facts

log = logging.getLogger(__name__)

# Where pictures are looked at: shares of a source's length, for each the key picture before it
MOMENTS = (0.15, 0.5, 0.85)
WIDTH, HEIGHT = 1280, 720  # of each picture at most its middle, in its own pixels
LIMITS = Limits(cpu_seconds=60, memory_bytes=4 * GIB, file_bytes=16 * MIB)
PATIENCE_SECONDS = 45
LOOKS = "look-%d.pgm"
# A picture is looked at as so many tiles. Those of one shade, within what encoding leaves of it,
# tell nothing: bars beside a film, whatever their colour, and the ground of a page.
ACROSS, DOWN, ONE_SHADE = 16, 9, 4
# A picture is dark where what it shows is below this mean luma of 255: about 2 cd/m², by the curve
# that its light is coded with.
DARK = {"sdr": 45.0, "hlg": 45.0, "pq": 55.0}
# It is drawn where FEW_SHADES shades make up so much of it, so much of it is even, and three tiles
# in four have so much of their own few shades.
FEW_SHADES, FEW, EVEN, FEW_IN_TILES = 4, 0.5, 0.6, 0.72


@dataclass(frozen=True)
class Look:
    """What one picture tells.

    `light` is the mean luma of 255 of what it shows, `even` the share of it that is exactly as
    bright as its neighbour on the right, and `few` the share of its FEW_SHADES commonest shades;
    `few_in_tiles` is what three in four of its tiles have at least of the same.
    """

    light: float
    even: float
    few: float
    few_in_tiles: float

    @property
    def is_drawn(self) -> bool:
        """Whether it has the few shades of a screen or of slides, and all over."""
        return self.few >= FEW and self.even >= EVEN and self.few_in_tiles >= FEW_IN_TILES


def content_of(looks: Sequence[Look], light: str = "sdr") -> Content:
    """The kind of picture that most of these looks tell, of a source whose light is coded like
    that (`Facts.light`). Without any it is taken as filmed."""
    if not looks:
        return Content.FILMED
    if 2 * sum(look.is_drawn for look in looks) > len(looks):
        return Content.DRAWN
    return Content.DARK if median(look.light for look in looks) < DARK[light] else Content.FILMED


def look(picture: Image.Image) -> Look | None:
    """What a picture in shades of grey tells; None where every tile of it is of one shade."""
    width, height = picture.size
    shown = [tile for tile in tiles(picture) if not is_of_one_shade(tile)]
    if not shown:
        return None
    left, right = picture.crop((0, 0, width - 1, height)), picture.crop((1, 0, width, height))
    same = ImageChops.difference(left, right).histogram()[0] if width > 1 else 0
    shares = sorted(few(tile) for tile in shown)
    return Look(
        light=fmean(ImageStat.Stat(tile).mean[0] for tile in shown),
        even=same / (width * height),
        few=few(picture),
        few_in_tiles=shares[len(shares) // 4],
    )


def tiles(picture: Image.Image) -> Iterator[Image.Image]:
    """A picture in ACROSS times DOWN tiles; what is left over at its edges is not among them."""
    width, height = max(1, picture.width // ACROSS), max(1, picture.height // DOWN)
    for top in range(0, picture.height - height + 1, height):
        for left in range(0, picture.width - width + 1, width):
            yield picture.crop((left, top, left + width, top + height))


def is_of_one_shade(tile: Image.Image) -> bool:
    """Whether it shows nothing."""
    counts = tile.histogram()
    shades = [shade for shade, count in enumerate(counts) if count]
    return shades[-1] - shades[0] <= ONE_SHADE


def few(picture: Image.Image) -> float:
    """The share of the FEW_SHADES commonest shades."""
    return sum(sorted(picture.histogram())[-FEW_SHADES:]) / (picture.width * picture.height)


def looked_at(source: Path, facts: Facts) -> Content:
    """The kind of picture of a source whose facts are known otherwise.

    What cannot be looked at is taken as filmed: that serves every kind, only less well.
    """
    moments = [share * facts.picture_seconds for share in MOMENTS]
    with tempfile.TemporaryDirectory(prefix="looks-") as folder:
        ended = run(
            looking(source, facts, moments), LIMITS, timeout=PATIENCE_SECONDS, folder=Path(folder)
        )
        if ended.code != 0:
            log.info("no look at %s, ended with %s: %s", source, ended.code, ended.err[-500:])
        looks = [look(picture) for picture in pictures(Path(folder))]
    return content_of([one for one in looks if one], facts.light)


def pictures(folder: Path) -> list[Image.Image]:
    """The pictures that were written whole into a folder."""
    found = []
    for name in sorted(folder.glob("*.pgm")):
        try:
            with Image.open(name, formats=["PPM"]) as picture:
                found.append(picture.convert("L"))
        except (OSError, ValueError, Image.DecompressionBombError):
            log.info("%s was not written to its end", name)
    return found


def looking(source: Path, facts: Facts, moments: Sequence[float]) -> list[str]:
    """The command that writes what is looked at, in the folder that it runs in.

    Its pictures are as wide as the source's; a part of them is taken, so none is turned.
    """
    read = [
        part
        for moment in moments
        for part in (
            *("-threads", "1", "-skip_frame", "nokey", "-noaccurate_seek", "-noautorotate"),
            *("-ss", f"{moment:.3f}", *guarded(source)),
        )
    ]
    size = f"'min(iw,{WIDTH})':'min(ih,{HEIGHT})'"
    middle = f"trim=end_frame=1,setpts=0,format=gray,crop={size},setsar=1"
    each = [f"[{number}:{facts.index}]{middle}[m{number}]" for number in range(len(moments))]
    outputs = [
        part
        for number in range(len(moments))
        for part in (
            *("-map", f"[m{number}]", "-frames:v", "1", "-fps_mode", "passthrough"),
            *("-c:v", "pgm", "-f", "image2", "-update", "1", LOOKS % number),
        )
    ]
    return [
        *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", *read),
        *("-filter_complex", ";".join(each), *outputs),
    ]
