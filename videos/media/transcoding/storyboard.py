"""The storyboard: small pictures (tiles) at equal intervals, on sheets, listed in a WebVTT file."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import ffmpeg

from videos.media.errors import EncodeFailed
from videos.media.timecodes import webvtt_time
from videos.media.transcoding import filters
from videos.media.transcoding.encode import run_tool
from videos.media.transcoding.failures import incomplete
from videos.media.transcoding.geometry import fit_within
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.process import GIB, MIB, Limits
from videos.media.transcoding.source_info import SourceInfo

STORYBOARD, TILES = "storyboard.vtt", "tiles.yuv"
LIMITS = Limits(cpu_seconds=120, memory_bytes=2 * GIB, file_bytes=64 * MIB)

COLUMNS = ROWS = 5
MAX_TILES = 200
TILE_LONG_SIDE = 192

Stream = Any  # ffmpeg-python has no types


@dataclass(frozen=True)
class Storyboard:
    """The layout of the tiles. `interval` is in whole seconds; sizes are of a tile, in pixels."""

    interval: int
    tiles: int
    columns: int
    rows: int
    width: int
    height: int

    @property
    def files(self) -> list[str]:
        """The file names of the sheets, in order."""
        return [f"storyboard-{number}.jpg" for number in range(1, self.count + 1)]

    @property
    def count(self) -> int:
        return ceil(self.tiles / (self.columns * self.rows))


def layout(seconds: float, width: int, height: int) -> Storyboard:
    """The storyboard of a video of this length and upright size."""
    interval = max(1, ceil(seconds / MAX_TILES))
    tiles = max(1, ceil((seconds - 0.01) / interval))
    columns = min(COLUMNS, tiles)
    tile = fit_within(width, height, TILE_LONG_SIDE)
    return Storyboard(
        interval=interval,
        tiles=tiles,
        columns=columns,
        rows=min(ROWS, ceil(tiles / columns)),
        width=tile[0],
        height=tile[1],
    )


def to_webvtt(board: Storyboard, seconds: float) -> str:
    """The cues: each tile's time, sheet and region on it (Media Fragments, `#xywh=`)."""
    cues = ["WEBVTT"]
    for tile in range(board.tiles):
        sheet, position = divmod(tile, board.columns * board.rows)
        row, column = divmod(position, board.columns)
        start = tile * board.interval
        end = min(seconds, start + board.interval)
        region = f"{column * board.width},{row * board.height},{board.width},{board.height}"
        cues.append(
            f"{webvtt_time(start)} --> {webvtt_time(end)}\n{board.files[sheet]}#xywh={region}"
        )
    return "\n\n".join(cues) + "\n"


def tiles_output(picture: Stream, board: Storyboard, info: SourceInfo) -> Stream:
    """The ffmpeg output that writes the tiles, one after the other, to TILES.

    They are put on sheets afterwards: ffmpeg reports no progress before every output has begun, and
    a sheet begins when it is full, which may be minutes into a long video.
    """
    frames = filters.one_per_interval(picture, board.interval)
    return ffmpeg.output(
        filters.thumbnail(frames, TILE_LONG_SIDE, info),
        TILES,
        format="rawvideo",
        fps_mode="passthrough",
        **{"frames:v": board.tiles},
    )


def sheets_command(board: Storyboard) -> list[str]:
    """The ffmpeg arguments that put the tiles of TILES on sheets."""
    sheets = ffmpeg.input(
        TILES,
        format="rawvideo",
        pix_fmt="yuv420p",
        color_range="pc",
        s=f"{board.width}x{board.height}",
    ).filter("tile", f"{board.columns}x{board.rows}")
    jpeg = {"c:v": "mjpeg", "q:v": 5, "frames:v": board.count}
    output = ffmpeg.output(sheets, "storyboard-%d.jpg", format="image2", **jpeg)
    return output.global_args("-v", "error", "-nostdin", "-y").compile(cmd=binaries.ffmpeg())  # type: ignore[no-any-return]


def write_storyboard(folder: Path, board: Storyboard, seconds: float) -> None:
    """Write the sheets and the WebVTT file from the tiles in `folder`. Raises EncodeFailed."""
    run_tool(sheets_command(board), folder, LIMITS, "a storyboard")
    (folder / TILES).unlink()
    (folder / STORYBOARD).write_text(to_webvtt(board, seconds))
    if not all((folder / sheet).is_file() for sheet in board.files):
        raise EncodeFailed(incomplete(), "incomplete")
