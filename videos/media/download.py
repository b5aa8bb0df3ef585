"""The MP4 of a cut that a rep may take along: what was encoded, put into one file."""

from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from videos.media import binaries
from videos.media.confine import GIB, Limits
from videos.media.verify import made_by

DOWNLOAD = "download.mp4"
MOST_SHORT_SIDE = 1080
LIMITS = Limits(cpu_seconds=3600, memory_bytes=4 * GIB, file_bytes=64 * GIB)


def best(sizes: Sequence[tuple[int, int]]) -> int:
    """Which rendition to take, of sizes that fall: the largest that every machine plays."""
    fit = [number for number, size in enumerate(sizes) if min(size) <= MOST_SHORT_SIDE]
    return fit[0] if fit else len(sizes) - 1


def make(folder: Path, picture: str, sound: str | None) -> str:
    """The name of the file, made in `folder` of the playlists there. Raises EncodeFailed."""
    made_by(command(picture, sound), folder, LIMITS, "a download")
    return DOWNLOAD


def command(picture: str, sound: str | None) -> list[str]:
    """The arguments that copy picture and sound into a file that plays while it arrives.

    `-copyts` leaves the sound's first packet where it is, before 0: it holds the samples that an
    AAC decoder throws away. Moved to 0, all sound would come 21 ms late.
    """
    listed = [name for name in (picture, sound) if name]
    tracks = [ffmpeg.input(name, protocol_whitelist="file") for name in listed]
    written = ffmpeg.output(
        *tracks, DOWNLOAD, c="copy", movflags="+faststart", map_metadata=-1,
        avoid_negative_ts="disabled",
    )  # fmt: skip
    asked = written.global_args("-v", "error", "-nostdin", "-y", "-copyts")
    return asked.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
