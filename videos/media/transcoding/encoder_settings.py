"""How H.264 is encoded: constant quality and x264's settings, by size and kind of picture.

What each choice costs and brings is in decisions 0007 and 0049 and docs/benchmarks.md.
"""

from fractions import Fraction
from typing import Any

from videos.media.transcoding.hls_output import gop_frames
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.source_info import Content

# Frames of lookahead are held in memory, at about 2.5 bytes a pixel.
LOOKAHEAD_PIXELS = 100_000_000
# Renditions up to this short side are encoded by one thread: several cost more than they gain.
SINGLE_THREAD_LINES = 360
# The CRF of x264 by the kind of picture, for renditions of up to so many lines: finer in the dark,
# where grain is most of the picture, and for the letters of a small screen recording; a large one
# is sharp enough without (docs/decisions/0049).
CRF = {
    Content.FILMED: {360: 24.3, 480: 23.5, 720: 23.72, 1080: 23.9, 2160: 23.0},
    Content.DARK: {360: 23.4, 480: 22.8, 1080: 22.7, 2160: 22.2},
    Content.DRAWN: {360: 23.8, 480: 22.8, 720: 23.8, 2160: 25.2},
}
# Additional settings for drawn pictures: repeated frames are found, and few others are searched
DRAWN_SETTINGS = {"ref": 3, "b-adapt": 0, "subme": 1}


def picture_options(
    rung: Rung, rate: Fraction, content: Content = Content.FILMED, *, quick: bool = False
) -> dict[str, Any]:
    """ffmpeg's options for H.264 at constant quality, with a key frame at every segment.

    `quick` leaves out what takes time, for the first set.
    """
    gop = gop_frames(rate)
    settings: dict[str, int | float | str] = {
        "partitions": "p8x8,i8x8,i4x4",
        "subme": 3,
        "trellis": 1,
        "aq-mode": 3,
        "aq-strength": 0.6,
        "deblock": "-1,-1",
        "mbtree": 1,
        "rc-lookahead": lookahead(rung),
    }
    if content is Content.DRAWN:
        settings |= DRAWN_SETTINGS
    if min(rung.width, rung.height) <= SINGLE_THREAD_LINES:
        settings["threads"] = 1
    if quick:
        settings = {}
    return {
        "c:v": "libx264",
        "preset": "superfast",
        "x264-params": ":".join(f"{name}={value}" for name, value in settings.items()),
        "profile:v": "high",
        "crf": crf(rung, content),
        "maxrate": rung.bitrate,
        "bufsize": 2 * rung.bitrate,
        # x264 adds key frames at scene cuts: segments begin at the forced ones alone.
        "g": gop,
        "force_key_frames": f"expr:not(mod(n,{gop}))",
        "flags": "+cgop",
    }


def crf(rung: Rung, content: Content) -> float:
    """The constant quality of a rendition: lower is finer."""
    short = min(rung.width, rung.height)
    steps = CRF[content]
    return next((value for lines, value in steps.items() if short <= lines), steps[2160])


def lookahead(rung: Rung) -> int:
    """Frames of lookahead: as many as LOOKAHEAD_PIXELS hold, from 20 to 40."""
    return max(20, min(40, LOOKAHEAD_PIXELS // (rung.width * rung.height)))
