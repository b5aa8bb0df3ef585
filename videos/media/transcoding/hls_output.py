"""ffmpeg's HLS outputs: how long their segments are, and the options that all renditions share."""

from fractions import Fraction
from typing import Any

import ffmpeg

from videos.media.transcoding.sandbox import binaries

# A group of pictures fills a segment: decision 0007.
GOP_SECONDS = SEGMENT_SECONDS = 6

Stream = Any  # ffmpeg-python has no types


def gop_frames(rate: Fraction) -> int:
    """Frames of a group of pictures."""
    return max(1, round(rate * GOP_SECONDS))


def segment_frames(rate: Fraction) -> int:
    """Frames of a segment: whole groups, so that segments of all renditions have one length."""
    return gop_frames(rate) * (SEGMENT_SECONDS // GOP_SECONDS)


def segment_seconds(rate: Fraction) -> str:
    """The length of a segment for ffmpeg, in whole microseconds.

    Not simply 6 s: at 29.97 frames a second a group takes 6.006 s, and the difference would add up
    to a segment that begins a group too early.
    """
    return f"{int(1_000_000 * segment_frames(rate) / rate) / 1_000_000:.6f}"


def hls_output(stream: Stream, folder: str, rate: Fraction, **options: Any) -> Stream:
    """A media playlist with CMAF segments in a folder of its own, which must exist.

    B-frames delay the first picture, and AAC begins with 1,024 priming samples. With time stamps
    left below zero, an edit list says where to begin; shifted to zero (ffmpeg's default), picture
    and sound would be 59 ms apart.
    """
    return ffmpeg.output(
        stream,
        f"{folder}/index.m3u8",
        format="hls",
        hls_time=segment_seconds(rate),
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments+temp_file",
        avoid_negative_ts="disabled",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=f"{folder}/%05d.m4s",
        map_metadata=-1,
        map_chapters=-1,
        **options,
    )


def compile_outputs(*outputs: Stream) -> list[str]:
    """The ffmpeg arguments that write these outputs and print their progress."""
    together = ffmpeg.merge_outputs(*outputs).global_args(
        *("-v", "warning", "-nostdin", "-nostats", "-y"),
        *("-progress", "pipe:1", "-stats_period", "0.5"),
    )
    return together.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
