"""Which measure_moment becomes the poster."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.videos.media.conftest import X264, ffmpeg, within
from tests.videos.media.test_transcode import corner
from videos.media.transcoding.auto_poster import (
    ACROSS,
    CELLS,
    DOWN,
    best_moment,
    candidate_segments,
    measure_moment,
)

GREY = 128


def maps(*, light=(60, 180), blue=GREY, red=GREY, detail=10, motion=0) -> bytes:
    """The maps of a measure_moment: light in two halves, everything else even."""
    left, right = light
    lit = bytes([left] * (ACROSS // 2) + [right] * (ACROSS // 2)) * DOWN
    return lit + b"".join(bytes([level]) * CELLS for level in (blue, red, detail, motion))


def test_the_sharper_moment_wins():
    assert best_moment(maps(detail=2) + maps(detail=12) + maps(detail=5)) == 1


def test_contrast_wins_over_fog():
    assert best_moment(maps(light=(110, 130)) + maps()) == 1


def test_what_stands_still_wins_over_what_moves():
    assert best_moment(maps(motion=40) + maps()) == 1


def test_skin_in_the_middle_wins_over_a_room():
    assert best_moment(maps(detail=12) + maps(blue=110, red=150)) == 1


def test_nearly_black_and_nearly_white_lose_to_what_is_dull():
    assert best_moment(maps(light=(0, 60)) + maps(light=(90, 120)) + maps(light=(190, 255))) == 1


def test_the_earliest_of_equals_wins_and_nothing_is_the_first():
    assert best_moment(maps() * 3) == 0
    assert best_moment(b"") == 0


def test_skin_is_told_whatever_its_shade():
    assert measure_moment(maps(light=(70, 90), blue=110, red=150)).skin == 1
    assert measure_moment(maps(light=(170, 200), blue=110, red=150)).skin == 1
    assert measure_moment(maps()).skin == 0


@given(st.integers(1, 11_000))
def test_some_segments_all_over_the_length_are_looked_into(count):
    chosen = candidate_segments(count)
    assert 1 <= len(chosen) <= 12
    assert chosen == sorted(set(chosen))
    assert all(0 <= number < count for number in chosen)
    assert (
        max(b - a for a, b in zip([-1, *chosen], [*chosen, count], strict=True))
        <= Fraction(count, len(chosen)) + 1
    )


def test_a_poster_is_neither_black_nor_blurred_where_something_else_is_there(tmp_path):
    """Black, then blurred, then sharp for two seconds, then a fade to white."""
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=640x360:r=25:d=4"),
        *(
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=s=640x360:r=25:end_scale=0.2,hue=h=0,gblur=12,trim=end=4",
        ),
        *("-f", "lavfi", "-i", "color=red:s=640x360:r=25:d=2,drawgrid=w=16:h=16:c=white"),
        *("-f", "lavfi", "-i", "color=gray:s=640x360:r=25:d=3,fade=out:0:75:color=white"),
        *("-filter_complex", "[0][1][2][3]concat=n=4"),
        *X264,
        str(tmp_path / "source.mp4"),
    )
    ran = within(tmp_path / "source.mp4", tmp_path / "set")
    assert ran.code == 0, ran.err
    assert corner(tmp_path / "set" / "poster.jpg", "above left") == "red"
