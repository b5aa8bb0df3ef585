"""The first set: for which sources one is made, and of which size."""

import dataclasses
from fractions import Fraction

import pytest

from tests.videos.media.test_encode import FACTS
from videos.media.transcoding.first_ladder import first_rungs, is_wanted, work_seconds
from videos.media.transcoding.source_info import SourceInfo


def source(width: int, height: int, rate: int, seconds: float) -> SourceInfo:
    return dataclasses.replace(
        FACTS, width=width, height=height, constant_rate=Fraction(rate), seconds=seconds
    )


def test_work_is_counted_in_seconds_of_full_hd_at_30_frames():
    assert work_seconds(source(1920, 1080, 30, 45)) == 45
    assert work_seconds(source(3840, 2160, 60, 30)) == 240
    assert work_seconds(source(960, 540, 15, 80)) == 10


@pytest.mark.parametrize(
    ("threshold", "wanted"), [(59.9, True), (60, True), (60.1, False), (0, False), (-1, False)]
)
def test_a_first_set_is_made_for_much_work_and_never_at_a_threshold_of_0(threshold, wanted):
    assert is_wanted(source(1920, 1080, 30, 60), threshold) is wanted


@pytest.mark.parametrize(
    ("size", "first"),
    [
        ((3840, 2160), (854, 480)),
        ((1920, 1080), (854, 480)),
        ((1080, 1920), (480, 854)),
        ((640, 360), (640, 360)),
        ((320, 180), (320, 180)),
    ],
)
def test_the_first_set_is_the_largest_rung_up_to_480(size, first):
    (rung,) = first_rungs(source(*size, rate=25, seconds=60))
    assert (rung.width, rung.height) == first


def test_where_every_rung_is_larger_the_first_set_is_the_smallest():
    (rung,) = first_rungs(source(500, 500, rate=25, seconds=60))
    assert (rung.width, rung.height) == (480, 480)
