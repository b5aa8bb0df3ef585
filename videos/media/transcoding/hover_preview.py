"""The hover preview: a few excerpts of a video, small and without sound."""

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media.transcoding.encode import run_tool
from videos.media.transcoding.fmp4 import joined_file
from videos.media.transcoding.geometry import fit_within
from videos.media.transcoding.hls import Media
from videos.media.transcoding.ladder import Rung, nearest
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits

PREVIEW = "preview.mp4"
EXCERPTS = 4
SOURCE_SHORT_SIDE = 240  # of the rendition that it is made of
SECONDS = 3  # of all excerpts together
LONG_SIDE = 426
MAX_RATE = 15
BITRATE = 500_000  # bits per second at most: 300 kB would last 4.8 seconds
LIMITS = Limits(cpu_seconds=300, memory_bytes=4 * GIB, file_bytes=4 * MIB)


def excerpt_segments(count: int) -> list[int]:
    """The indexes of EXCERPTS of `count` segments, evenly spread, without the very first."""
    wanted = min(EXCERPTS, count)
    return sorted({(2 * number + 1) * count // (2 * wanted) for number in range(wanted)})


def write_preview(
    folder: Path, rungs: Sequence[Rung], pictures: Sequence[Media], rate: Fraction
) -> None:
    """Write PREVIEW in `folder` from the renditions there. Raises EncodeFailed."""
    at = nearest(rungs, SOURCE_SHORT_SIDE)
    rung, media = rungs[at], pictures[at]
    place, size = folder / rung.folder, (rung.width, rung.height)
    names = [media.segments[number][0] for number in excerpt_segments(len(media.segments))]
    with ExitStack() as open_files:
        clips = [
            open_files.enter_context(joined_file(place / media.init, [place / name]))
            for name in names
        ]
        run_tool(preview_command(clips, size, rate), folder, LIMITS, "a preview")


def preview_command(clips: Sequence[Path], size: tuple[int, int], rate: Fraction) -> list[str]:
    """The ffmpeg arguments that join the beginnings of some clips."""
    shown = max(1, round(Fraction(SECONDS, len(clips)) * rate))
    width, height = fit_within(*size, LONG_SIDE)
    fast = min(Fraction(MAX_RATE), rate)
    beginnings: Any = [
        ffmpeg.input(f"file:{one}", protocol_whitelist="file", threads=1)
        .video.filter("trim", end_frame=shown)
        .filter("setpts", f"N/({rate})/TB")
        for one in clips
    ]
    pictures = (
        ffmpeg.concat(*beginnings)
        .filter("fps", fps=str(fast))
        .filter("scale", width, height, flags="lanczos")
        .filter("setsar", 1)
    )
    options = {"c:v": "libx264", "preset": "veryfast", "crf": 27, "profile:v": "main"}
    capped = {"maxrate": BITRATE, "bufsize": BITRATE, "pix_fmt": "yuv420p"}
    output = ffmpeg.output(
        pictures, PREVIEW, movflags="+faststart", map_metadata=-1, **options, **capped
    )
    output = output.global_args("-v", "error", "-nostdin", "-y")
    return output.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
