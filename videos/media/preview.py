"""The hover preview: a few moments of a video, small, without sound."""

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media import binaries
from videos.media.confine import GIB, MIB, Limits
from videos.media.fragments import film
from videos.media.playlist import Media
from videos.media.storyboard import fitted
from videos.media.verify import made_by

PREVIEW = "preview.mp4"
MOMENTS = 4
SECONDS = 3  # of all moments together
LONG_SIDE = 426
MOST_RATE = 15
BITRATE = 500_000  # bits per second at most: 300 kB would last 4.8 seconds
LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * GIB, file_bytes=4 * MIB)


def moments(count: int) -> list[int]:
    """Which of `count` segments to show: MOMENTS of them, spread evenly, not the very first."""
    wanted = min(MOMENTS, count)
    return sorted({(2 * number + 1) * count // (2 * wanted) for number in range(wanted)})


def make(folder: Path, place: Path, media: Media, size: tuple[int, int], rate: Fraction) -> str:
    """The name of the preview, made in `folder` from a rendition in `place`.

    Raises EncodeFailed."""
    names = [media.segments[number][0] for number in moments(len(media.segments))]
    with ExitStack() as open_files:
        films = [
            open_files.enter_context(film(place / media.init, [place / name])) for name in names
        ]
        made_by(command(films, size, rate), folder, LIMITS, "a preview")
    return PREVIEW


def command(films: Sequence[Path], size: tuple[int, int], rate: Fraction) -> list[str]:
    """The arguments that take the beginning of each film and make a loop of them."""
    shown = max(1, round(Fraction(SECONDS, len(films)) * rate))
    width, height = fitted(*size, LONG_SIDE)
    fast = min(Fraction(MOST_RATE), rate)
    beginnings: Any = [
        ffmpeg.input(f"file:{one}", protocol_whitelist="file", threads=1)
        .video.filter("trim", end_frame=shown)
        .filter("setpts", f"N/({rate})/TB")
        for one in films
    ]
    pictures = (
        ffmpeg.concat(*beginnings)
        .filter("fps", fps=str(fast))
        .filter("scale", width, height, flags="lanczos")
        .filter("setsar", 1)
    )
    options = {"c:v": "libx264", "preset": "veryfast", "crf": 27, "profile:v": "main"}
    capped = {"maxrate": BITRATE, "bufsize": BITRATE, "pix_fmt": "yuv420p"}
    written = ffmpeg.output(
        pictures, PREVIEW, movflags="+faststart", map_metadata=-1, **options, **capped
    )
    asked = written.global_args("-v", "error", "-nostdin", "-y")
    return asked.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
