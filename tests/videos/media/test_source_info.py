import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.media.test_encode import FACTS
from videos.media.errors import SourceRefused
from videos.media.transcoding.geometry import upright
from videos.media.transcoding.probing.limits import refuse_length, refuse_size
from videos.media.transcoding.probing.orientation import rotation_of
from videos.media.transcoding.source_info import constant_rate


@pytest.mark.parametrize(
    ("coded", "aspect", "rotation", "seen"),
    [
        ((1920, 1080), Fraction(1), 0, (1920, 1080)),
        ((1920, 1080), Fraction(1), 90, (1080, 1920)),
        ((1280, 720), Fraction(1), 270, (720, 1280)),
        ((1280, 720), Fraction(1), 180, (1280, 720)),
        ((720, 576), Fraction(16, 15), 0, (768, 576)),
        ((720, 480), Fraction(8, 9), 0, (640, 480)),
        ((720, 576), Fraction(16, 15), 90, (576, 768)),
        ((639, 361), Fraction(5776, 5751), 0, (639, 361)),
    ],
)
def test_a_viewer_sees_square_pixels_and_an_upright_picture(coded, aspect, rotation, seen):
    assert upright(*coded, aspect, rotation) == seen


@pytest.mark.parametrize(
    ("average", "base", "constant"),
    [
        ("25", "25", "25"),
        ("30000/1001", "30000/1001", "30000/1001"),
        ("2997/100", "2997/100", "30000/1001"),
        ("25/2", "25/2", "25/2"),
        ("10", "10", "10"),
        ("120", "120", "60"),
        ("100", "100", "50"),
        ("14130000/717989", "179/6", "179/6"),  # dropped unevenly from a grid of 29.83
        ("23", "1000", "24000/1001"),  # a screen's, on a grid of milliseconds
        ("57", "90000", "60000/1001"),
        ("60", "0", "60"),
        ("30", "1000", "30"),
        ("24", "0", "24"),
        ("1000", "1000", "30"),
        ("0", "0", "25"),
        ("7024/117", "7024/117", "60"),  # a camera's 60, told badly
    ],
)
def test_every_product_has_one_constant_rate(average, base, constant):
    if constant == "30":
        assert constant_rate(Fraction(average), Fraction(base)) <= 60
    else:
        assert constant_rate(Fraction(average), Fraction(base)) == Fraction(constant)


@given(st.fractions(0, 10**6), st.fractions(0, 10**6))
def test_no_rate_is_above_sixty_or_zero(average, base):
    assert 0 < constant_rate(average, base) <= 60


@pytest.mark.parametrize(
    ("told", "turn"), [(-90, 90), (90, 270), (180, 180), (-89, 90), (-89.6, 90), (0, 0), (-45, 45)]
)
def test_what_is_nearly_a_quarter_turn_is_one(told, turn):
    assert rotation_of({"side_data_list": [{"rotation": told}]}) == turn


@pytest.mark.parametrize("size", [(8, 1000), (1000, 8), (9000, 1000), (0, 0)])
def test_a_picture_that_no_screen_shows_is_refused(size):
    with pytest.raises(SourceRefused, match="too small or too large"):
        refuse_size(*size)


def test_a_video_of_twelve_hours_is_taken_and_a_longer_one_is_refused():
    twelve_hours = 12 * 60 * 60
    refuse_length(dataclasses.replace(FACTS, seconds=float(twelve_hours)))
    with pytest.raises(SourceRefused, match="longer than 12 hours"):
        refuse_length(dataclasses.replace(FACTS, seconds=twelve_hours + 0.1))
