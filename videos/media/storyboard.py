"""The storyboard: small pictures over the length of a video, on sheets, with their times."""

from dataclasses import dataclass
from math import ceil

COLUMNS = ROWS = 5
MOST_TILES = 200
TILE_LONG_SIDE = 192


@dataclass(frozen=True)
class Sheets:
    """How the tiles lie. `interval` is in whole seconds; sizes are in pixels."""

    interval: int
    tiles: int
    columns: int
    rows: int
    width: int
    height: int

    @property
    def files(self) -> list[str]:
        """The sheets' names, in order."""
        return [f"storyboard-{number}.jpg" for number in range(1, self.count + 1)]

    @property
    def count(self) -> int:
        return ceil(self.tiles / (self.columns * self.rows))


def sheets(seconds: float, width: int, height: int) -> Sheets:
    """The sheets for a video of this length and upright size."""
    interval = max(1, ceil(seconds / MOST_TILES))
    tiles = max(1, ceil((seconds - 0.01) / interval))
    columns = min(COLUMNS, tiles)
    tile = fitted(width, height, TILE_LONG_SIDE)
    return Sheets(
        interval=interval,
        tiles=tiles,
        columns=columns,
        rows=min(ROWS, ceil(tiles / columns)),
        width=tile[0],
        height=tile[1],
    )


def fitted(width: int, height: int, long_side: int) -> tuple[int, int]:
    """A size of the same shape whose long side is `long_side` at most; sides are even."""
    scale = min(1.0, long_side / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def webvtt(board: Sheets, seconds: float) -> str:
    """The cues: for each tile its time and its place on a sheet (Media Fragments, `#xywh=`)."""
    cues = ["WEBVTT"]
    for tile in range(board.tiles):
        sheet, place = divmod(tile, board.columns * board.rows)
        row, column = divmod(place, board.columns)
        start = tile * board.interval
        end = min(seconds, start + board.interval)
        where = f"{column * board.width},{row * board.height},{board.width},{board.height}"
        cues.append(f"{clock(start)} --> {clock(end)}\n{board.files[sheet]}#xywh={where}")
    return "\n\n".join(cues) + "\n"


def clock(seconds: float) -> str:
    """A time as WebVTT writes it."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
