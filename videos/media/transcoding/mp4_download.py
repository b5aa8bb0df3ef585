"""The MP4 file for download: picture and sound of a set, copied into one file."""

from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from videos.media.transcoding.encode import run_tool
from videos.media.transcoding.hls import PLAYLIST, SOUND_FOLDER, Media
from videos.media.transcoding.ladder import UNIVERSAL_SHORT_SIDE, Rung, largest_up_to
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, Limits
from videos.media.transcoding.verify import verify_download

DOWNLOAD = "download.mp4"
LIMITS = Limits(cpu_seconds=3600, memory_bytes=4 * GIB, file_bytes=64 * GIB)


def write_download(
    folder: Path, rungs: Sequence[Rung], pictures: Sequence[Media], sound: Media | None
) -> None:
    """Write DOWNLOAD in `folder` from the largest rendition that every device plays.

    Raises EncodeFailed.
    """
    at = largest_up_to(rungs, UNIVERSAL_SHORT_SIDE)
    media = {rungs[at].folder: pictures[at]} | ({SOUND_FOLDER: sound} if sound else {})
    playlists = [f"{name}/{PLAYLIST}" for name in media]
    run_tool(download_command(playlists), folder, LIMITS, "a download")
    verify_download(folder / DOWNLOAD, [(folder / name, one) for name, one in media.items()])


def download_command(playlists: Sequence[str]) -> list[str]:
    """The ffmpeg arguments that copy playlists into one file that plays while it is downloaded.

    `-copyts` keeps the sound's first packet before 0: it holds the priming samples that an AAC
    decoder discards. Moved to 0, the sound would be 21 ms late.
    """
    tracks = [ffmpeg.input(name, protocol_whitelist="file") for name in playlists]
    output = ffmpeg.output(
        *tracks, DOWNLOAD, c="copy", movflags="+faststart", map_metadata=-1,
        avoid_negative_ts="disabled",
    )  # fmt: skip
    output = output.global_args("-v", "error", "-nostdin", "-y", "-copyts")
    return output.compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]
