"""The size that a picture of several sizes is shown in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.picture_sizes import Size, lasting, may_vary, read

WIDE, TALL = (640, 360), (360, 640)


def shown(*sizes):
    return [Size(start, *size) for start, size in sizes]


def test_sizes_are_read_from_lines_and_others_are_passed_over():
    lines = ["0.000,640,360", "N/A,1,2", "", "1.5,,", "2.0,360,640,side", "x,1,1", "3,-1,4"]
    assert list(read(lines)) == shown((0.0, WIDE), (2.0, TALL))


@pytest.mark.parametrize(
    ("found", "end", "size"),
    [
        ([], 4.0, None),
        (shown((0, WIDE), (2, WIDE)), 4.0, None),
        (shown((0, WIDE), (1, TALL)), 4.0, TALL),
        (shown((0, WIDE), (3, TALL)), 4.0, WIDE),
        (shown((0, WIDE), (2, TALL), (3, WIDE)), 4.0, WIDE),
        (shown((0, WIDE), (2, (320, 180))), 4.02, WIDE),  # as long: the larger one
        (shown((0, (320, 180)), (2, WIDE)), 3.98, WIDE),
        (shown((3, TALL), (0, WIDE)), 4.0, WIDE),  # in any order
        (shown((0, WIDE), (5, TALL)), 4.0, WIDE),  # beyond the end
        (shown((0, WIDE), (5, TALL)), 0.0, WIDE),  # of an untold end
    ],
)
def test_the_size_that_lasts_longest_is_shown(found, end, size):
    assert lasting(found, end) == size


SIZES = st.tuples(st.sampled_from([16, 320, 640]), st.sampled_from([16, 180, 360]))


@given(st.lists(st.tuples(st.floats(-10, 100), SIZES), max_size=20), st.floats(0, 120))
def test_the_size_is_one_of_those_that_come(found, end):
    size = lasting(shown(*found), end)
    there = {one for _start, one in found}
    assert size in there if len(there) > 1 else size is None


@pytest.mark.parametrize(
    ("container", "codec", "may"),
    [
        ("matroska,webm", "vp9", True),
        ("mpegts", "h264", True),
        ("mov,mp4,m4a,3gp,3g2,mj2", "h264", False),
        ("matroska,webm", "prores", False),
    ],
)
def test_only_what_may_change_its_size_is_looked_through(container, codec, may):
    assert may_vary({"format": {"format_name": container}}, {"codec_name": codec}) is may
