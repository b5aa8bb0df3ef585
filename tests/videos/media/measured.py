"""What a product shows and sounds like, measured."""

import re
import subprocess
from pathlib import Path

from tests.videos.media.conftest import Maker
from videos.media.transcoding import pipeline
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.source_info import SourceInfo


def whites(path: Path) -> list[tuple[float, float]]:
    """(time, brightness from 16 to 235) of each picture."""
    printed = printed_by(
        path, "-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-"
    )
    times = re.findall(r"pts_time:([-0-9.]+)", printed)
    values = re.findall(r"YAVG=([0-9.]+)", printed)
    return [(float(time), float(value)) for time, value in zip(times, values, strict=True)]


def first_tone(path: Path, step: float = 0.005) -> float:
    """When it is first loud, to `step` seconds."""
    printed = printed_by(
        path, "-af", f"asetnsamples={round(48_000 * step)},astats=metadata=1:reset=1,"
        "ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-",
    )  # fmt: skip
    times = re.findall(r"pts_time:([-0-9.]+)", printed)
    levels = re.findall(r"Peak_level=(\S+)", printed)
    return next(
        float(time)
        for time, level in zip(times, levels, strict=True)
        if float(level.replace("-inf", "-200")) > -35
    )


def printed_by(path: Path, *options: str) -> str:
    return subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-copyts", "-i", str(path), *options, "-f", "null", "-"],
        capture_output=True, check=True, text=True, timeout=60,
    ).stdout  # fmt: skip


def made(
    maker: Maker, name: str, folder: Path, track: int | None = None
) -> tuple[Path, SourceInfo]:
    """The set of a source, and its facts."""
    source, out = folder / name, folder / f"set-{track}-{name}"
    if not source.exists():
        maker(source)
    out.mkdir()
    facts = probe(source, track)
    pipeline.create_set(source, out, facts)
    return out, facts


def levels(path: Path) -> list[float]:
    """The loudest sample of each channel, in dB of full scale."""
    printed = printed_by(path, "-af", "astats=metadata=1,ametadata=print:file=-")
    return [
        max(float(v) for v in re.findall(rf"astats\.{n}\.Peak_level=(-?[0-9.]+)", printed))
        for n in (1, 2)
    ]


def rendition(out: Path) -> Path:
    """The largest picture of a set."""
    return max(out.glob("*x*/index.m3u8"), key=lambda p: int(p.parent.name.split("x")[0]))


def pixel(out: Path, x: float, y: float, at: float = 1.0) -> tuple[int, ...]:
    """Red, green and blue of a place (shares of width and height) at a moment (seconds)."""
    raw = subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-i", str(rendition(out)), "-ss", str(at),
         "-frames:v", "1", "-vf", f"crop=2:2:iw*{x}:ih*{y}", "-f", "rawvideo",
         "-pix_fmt", "yuv444p", "-"],
        capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    luma, blue, red = (sum(raw[n : n + 4]) / 4 for n in (0, 4, 8))
    bright = 255 / 219 * (luma - 16)
    b, r = 255 / 224 * (blue - 128), 255 / 224 * (red - 128)
    rgb = bright + 1.5748 * r, bright - 0.18732 * b - 0.46812 * r, bright + 1.8556 * b
    return tuple(round(min(255.0, max(0.0, value))) for value in rgb)


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    """Whether two colours are alike in every channel."""
    return all(abs(a - b) <= by for a, b in zip(found, wanted, strict=True))
