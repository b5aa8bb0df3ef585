"""Sources with one difficulty each, made in code: a flash and a beep at 1.0 s tell where they are.

Each maker writes a file; the table in `test_difficult.py` says how it is to come out.
"""

import struct
from collections.abc import Callable
from pathlib import Path

from tests.videos.media.conftest import X264, Maker, ffmpeg

AAC = ("-c:a", "aac")
FAST_265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error")


def flash(rate: str = "25", size: str = "320x180", at: float = 1.0, seconds: float = 2) -> str:
    """Black, but white for 0.2 s."""
    early = at - 0.0005
    return (
        f"color=black:s={size}:r={rate}:d={seconds},"
        f"drawbox=t=fill:c=white:enable='gte(t,{early})*lt(t,{early + 0.2})'"
    )


def beep(at: float = 1.0, seconds: float = 2, rate: int = 48000, layout: str = "mono") -> str:
    """Silence, but a tone for 0.2 s in every channel."""
    count = {"mono": 1, "stereo": 2, "quad": 4, "5.1": 6, "7.1": 8}[layout]
    tone = f"0.4*sin(2*PI*1000*t)*gte(t,{at})*lt(t,{at + 0.2})"
    return f"aevalsrc=exprs='{'|'.join([tone] * count)}':s={rate}:d={seconds}:c={layout}"


def clip(
    *options: str,
    picture: str | None = None,
    sound: str | None = None,
    video: tuple[str, ...] = X264,
) -> Maker:
    """Flash and beep in one file."""
    inputs = ("-f", "lavfi", "-i", picture or flash(), "-f", "lavfi", "-i", sound or beep())
    return lambda path: ffmpeg(*inputs, *video, *AAC, *options, str(path))


def mute(*options: str, picture: str | None = None, video: tuple[str, ...] = X264) -> Maker:
    """The flash alone."""
    return lambda path: ffmpeg("-f", "lavfi", "-i", picture or flash(), *video, *options, str(path))


def beside(path: Path, name: str) -> Path:
    """Where a step on the way to `path` is kept."""
    return path.with_name(f"{path.name}-{name}")


def again(first: Maker, name: str, before: tuple[str, ...], after: tuple[str, ...]) -> Maker:
    """Another file's tracks, copied with options before the input and after it."""

    def make(path: Path) -> None:
        whole = beside(path, name)
        first(whole)
        ffmpeg(*before, "-i", str(whole), "-map", "0", "-c", "copy", *after, str(path))

    return make


# Boxes of the MP4 family, looked for by name and changed in place


def patched(first: Maker, name: str, change: Callable[[bytearray], bytes]) -> Maker:
    """Another file after `change` of its bytes."""

    def make(path: Path) -> None:
        whole = beside(path, name)
        first(whole)
        path.write_bytes(change(bytearray(whole.read_bytes())))

    return make


def find(content: bytes, box: bytes, number: int = 0) -> int:
    """Where the content of the nth box of this name begins."""
    at = -1
    for _ in range(number + 1):
        at = content.index(box, at + 1)
    return at + 4


def edits(*entries: tuple[float, float, float]) -> Callable[[bytearray], bytes]:
    """The edit list of the first track: (seconds shown, from which second on or -1, rate). The
    moov lies at the end of the file."""

    def change(content: bytearray) -> bytes:
        movie = int.from_bytes(content[(at := find(content, b"mvhd") + 12) : at + 4])
        track = int.from_bytes(content[(at := find(content, b"mdhd") + 12) : at + 4])
        start = find(content, b"elst") - 8
        size = int.from_bytes(content[start : start + 4])
        # Where the track began before: pictures that wait for others begin late.
        begin = int.from_bytes(content[start + 20 : start + 24])
        body = bytes(4) + struct.pack(">I", len(entries))
        for length, time, rate in entries:
            media = -1 if time < 0 else begin + round(time * track)
            body += struct.pack(">Iii", round(length * movie), media, int(rate * 65536))
        del content[start : start + size]
        around = (b"moov", b"trak", b"edts")
        content = resized(content, around, -size)
        content[start:start] = (8 + len(body)).to_bytes(4) + b"elst" + body
        return bytes(resized(content, around, 8 + len(body)))

    return change


def resized(content: bytearray, path: tuple[bytes, ...], by: int) -> bytearray:
    """The first boxes of `path`, each within the other, made larger."""
    at = 0
    for box in path:
        at = content.index(box, at) + 4
        size = int.from_bytes(content[at - 8 : at - 4])
        content[at - 8 : at - 4] = (size + by).to_bytes(4)
    return content


def matrix(*numbers: float) -> Callable[[bytearray], bytes]:
    """The display matrix (a, b, c, d) of the first track."""

    def change(content: bytearray) -> bytes:
        at = find(content, b"tkhd") + 40
        a, b, c, d = (int(n * 65536) for n in numbers)
        content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
        return bytes(content)

    return change


def shifted(*which: str, by: str, container: str = "mp4") -> Maker:
    """Picture or sound later (or earlier) than the other, in the container of the path."""

    def make(path: Path) -> None:
        whole = beside(path, f"whole.{container}")
        clip()(whole)
        late = ("-itsoffset", by, "-i", str(whole))
        both = (*late, "-i", str(whole)) if "v" in which else ("-i", str(whole), *late)
        ffmpeg(*both, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))

    return make


def joined(first: Maker, second: Maker, name: str) -> Maker:
    """The bytes of one file after those of another."""

    def make(path: Path) -> None:
        parts = beside(path, f"1-{name}"), beside(path, f"2-{name}")
        for maker, part in zip((first, second), parts, strict=True):
            maker(part)
        path.write_bytes(b"".join(part.read_bytes() for part in parts))

    return make


def resized_midway(path: Path) -> None:
    parts = beside(path, "small.ts"), beside(path, "large.ts")
    clip()(parts[0])
    clip(picture=flash(size="640x360"))(parts[1])
    names = beside(path, "parts.txt")
    names.write_text("".join(f"file '{part}'\n" for part in parts))
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(path))


def odd_midway(path: Path) -> None:
    """A window that is recorded in the browser and made smaller by one pixel after 2 s."""
    parts = beside(path, "1.webm"), beside(path, "2.webm")
    vp8 = ("-c:v", "libvpx", "-b:v", "300k")
    mute(picture=flash(size="321x181"), video=vp8)(parts[0])
    mute(picture="color=black:s=319x179:r=25:d=1", video=vp8)(parts[1])
    names = beside(path, "parts.txt")
    names.write_text("".join(f"file '{part}'\n" for part in parts))
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(path))


def several_sounds(path: Path) -> None:
    """The beep at 0.5 s in the first track (German), at 1 s in the second, which is the default."""
    ffmpeg(
        *("-f", "lavfi", "-i", flash(), "-f", "lavfi", "-i", beep(at=0.5)),
        *("-f", "lavfi", "-i", beep(at=1), "-map", "0", "-map", "1", "-map", "2", *X264, *AAC),
        *("-disposition:a:0", "0", "-disposition:a:1", "default"),
        *("-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "title=Director", str(path)),
    )


def unknown_sound_first(path: Path) -> None:
    """A first track in a codec that nobody knows, as telephones add them."""
    whole = beside(path, "whole.mov")
    several_sounds(whole)
    path.write_bytes(whole.read_bytes().replace(b"mp4a", b"apac", 1))


def with_cover(path: Path) -> None:
    whole, cover = beside(path, "whole.mp4"), beside(path, "cover.png")
    clip()(whole)
    ffmpeg("-f", "lavfi", "-i", "color=red:s=500x500", "-frames:v", "1", str(cover))
    ffmpeg(
        *("-i", str(cover), "-i", str(whole), "-map", "0", "-map", "1", "-c", "copy"),
        *("-disposition:v:0", "attached_pic", str(path)),
    )


def without_index(content: bytearray) -> bytes:
    at = content.rindex(b"idx1")
    content[at : at + 4] = b"JUNK"
    return bytes(content)


def without_its_start(path: Path) -> None:
    """A broadcast that was switched on in the middle of a group of pictures."""
    whole = beside(path, "whole.ts")
    clip("-g", "20", video=("-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p"))(whole)
    ffmpeg("-i", str(whole), "-ss", "0.6", "-c", "copy", "-copyinkf", str(path))
