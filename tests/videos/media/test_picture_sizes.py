"""The size that a picture of several sizes is shown in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.transcoding.probing.picture_sizes import (
    Shape,
    Size,
    may_vary,
    parse_sizes,
    shapes,
)

WIDE, TALL = Shape(640, 360), Shape(360, 640)
SMALL = Shape(320, 180)
NARROW, STRETCHED = Shape(720, 576, "16:15"), Shape(720, 576, "64:45")


def shown(*sizes):
    return [Size(start, shape) for start, shape in sizes]


def test_sizes_are_read_from_lines_and_others_are_passed_over():
    lines = ["0.000,640,360", "N/A,1,2", "", "1.5,,", "2.0,360,640,side", "x,1,1", "3,-1,4"]
    assert list(parse_sizes(lines)) == shown((0.0, WIDE), (2.0, TALL))


def test_the_shape_of_pixels_is_read_with_them():
    lines = ["0,720,576,16:15,", "1,720,576,64:45", "2,640,360,N/A", "3,640,360,0:1", "4,640,360,x"]
    assert [size.shape for size in parse_sizes(lines)] == [NARROW, STRETCHED, WIDE, WIDE, WIDE]


def test_square_pixels_are_square_also_where_nobody_says_so():
    lines = ["0,640,360,N/A", "5,640,360,1:1", "10,320,180,1:1"]
    assert shapes(parse_sizes(lines), 16) == [WIDE, SMALL]


@pytest.mark.parametrize(
    ("found", "end", "size"),
    [
        (shown((0, WIDE), (2, WIDE)), 4.0, WIDE),
        (shown((0, WIDE), (1, TALL)), 4.0, TALL),
        (shown((0, NARROW), (1, STRETCHED)), 4.0, STRETCHED),
        (shown((0, WIDE), (3, TALL)), 4.0, WIDE),
        (shown((0, WIDE), (2, TALL), (3, WIDE)), 4.0, WIDE),
        (shown((0, WIDE), (2, SMALL)), 4.02, WIDE),  # as long: the larger one
        (shown((0, SMALL), (2, WIDE)), 3.98, WIDE),
        (shown((3, TALL), (0, WIDE)), 4.0, WIDE),  # in any order
        (shown((0, WIDE), (5, TALL)), 4.0, WIDE),  # beyond the end
        (shown((0, WIDE), (5, TALL)), 0.0, WIDE),  # of an untold end
    ],
)
def test_the_size_that_lasts_longest_is_shown(found, end, size):
    assert shapes(found, end)[0] == size


SIZES = st.builds(
    Shape,
    st.sampled_from([16, 320, 640]),
    st.sampled_from([16, 180, 360]),
    st.sampled_from(["", "1:1", "64:45"]),
)


@given(st.lists(st.tuples(st.floats(-10, 100), SIZES), max_size=20), st.floats(0, 120))
def test_each_shape_that_comes_is_told_once(found, end):
    told = shapes(shown(*found), end)
    assert len(told) == len(set(told))
    assert set(told) == {shape for _start, shape in found}


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
