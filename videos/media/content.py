"""What kind of picture a source shows, as far as its encoding is concerned: filmed by day or in the
dark, or drawn by a computer.

Some of its pictures are looked at (I/O); what follows from them is a pure decision.
"""

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

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
# Luma of 255 up to which it is black, as bars beside the picture are
BLACK = 8
# A picture is dark below this mean luma of 255.
DARK = 45.0
# It is drawn where FEW_SHADES shades make up so much of it, and so much is even.
FEW_SHADES, FEW, EVEN = 4, 0.5, 0.6


@dataclass(frozen=True)
class Look:
    """What one picture tells.

    `light` is its mean luma of 255, `even` the share of it that is exactly as bright as its
    neighbour on the right, and `few` the share of its FEW_SHADES commonest shades.
    """

    light: float
    even: float
    few: float


def content_of(looks: Sequence[Look]) -> Content:
    """The kind of picture that most of these looks tell. Without any it is taken as filmed."""
    if not looks:
        return Content.FILMED
    if median(look.few for look in looks) >= FEW and median(look.even for look in looks) >= EVEN:
        return Content.DRAWN
    return Content.DARK if median(look.light for look in looks) < DARK else Content.FILMED


def look(picture: Image.Image) -> Look | None:
    """What a picture in shades of grey tells, within black bars; None where it is black."""
    seen = picture.point([0] * (BLACK + 1) + [255] * (255 - BLACK)).getbbox()
    if seen is None:
        return None
    picture = picture.crop(seen)
    shades = sorted(picture.histogram())
    width, height = picture.size
    left, right = picture.crop((0, 0, width - 1, height)), picture.crop((1, 0, width, height))
    same = ImageChops.difference(left, right).histogram()[0] if width > 1 else 0
    return Look(
        light=ImageStat.Stat(picture).mean[0],
        even=same / (width * height),
        few=sum(shades[-FEW_SHADES:]) / (width * height),
    )


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
    return content_of([one for one in looks if one])


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
            *("-skip_frame", "nokey", "-noaccurate_seek", "-noautorotate"),
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
