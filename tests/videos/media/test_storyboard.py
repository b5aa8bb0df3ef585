from hypothesis import given
from hypothesis import strategies as st

from videos.media.transcoding.storyboard import COLUMNS, ROWS, layout, to_webvtt


def test_cues_say_time_and_place_on_the_sheet():
    board = layout(2.5, 1920, 1080)
    assert to_webvtt(board, 2.5) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.000\nstoryboard-1.jpg#xywh=0,0,192,108\n\n"
        "00:00:01.000 --> 00:00:02.000\nstoryboard-1.jpg#xywh=192,0,192,108\n\n"
        "00:00:02.000 --> 00:00:02.500\nstoryboard-1.jpg#xywh=384,0,192,108\n"
    )


@given(st.floats(0.04, 12 * 3600), st.integers(16, 8192), st.integers(16, 8192))
def test_tiles_cover_the_video_on_few_sheets(seconds, width, height):
    board = layout(seconds, width, height)
    assert (board.tiles - 1) * board.interval < seconds <= board.tiles * board.interval + 0.01
    assert len(board.files) * board.columns * board.rows >= board.tiles
    assert board.columns <= COLUMNS
    assert board.rows <= ROWS
    assert max(board.width, board.height) <= 192
    assert to_webvtt(board, seconds).count("-->") == board.tiles
