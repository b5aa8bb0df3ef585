"""Quality of the renditions, as bounds: what a change of a table may not do unnoticed."""

from fractions import Fraction

import pytest

from videos.media.transcoding.encoder_settings import CRF, crf, lookahead, picture_options
from videos.media.transcoding.ladder import STEPS, Rung, ladder
from videos.media.transcoding.source_info import Content

LADDER = ladder(3840, 2160)
# Measured on footage of each kind (docs/decisions/0049): a change needs a new measurement.
MEASURED = {
    Content.FILMED: {
        2160: 23.0,
        1440: 23.0,
        1080: 23.9,
        720: 23.72,
        480: 23.5,
        360: 24.3,
        240: 24.3,
    },
    Content.DARK: {2160: 22.2, 1440: 22.2, 1080: 22.7, 720: 22.7, 480: 22.8, 360: 23.4, 240: 23.4},
    Content.DRAWN: {2160: 25.2, 1440: 25.2, 1080: 25.2, 720: 23.8, 480: 22.8, 360: 23.8, 240: 23.8},
}


@pytest.mark.parametrize("content", Content)
def test_every_rendition_has_the_quality_that_was_measured(content):
    assert {rung.short_side: crf(rung, content) for rung in LADDER} == MEASURED[content]


@pytest.mark.parametrize("content", Content)
def test_a_size_between_two_steps_has_the_quality_of_the_step_above(content):
    for short, step in ((241, 360), (700, 720), (1081, 1440), (1600, 2160)):
        assert crf(Rung(short * 2, short, 1), content) == MEASURED[content][step]


def test_dark_pictures_are_encoded_finer_than_filmed_ones_at_every_size():
    for rung in LADDER:
        assert crf(rung, Content.DARK) < crf(rung, Content.FILMED)


def test_quality_is_within_what_looks_good_and_is_worth_its_bits():
    assert all(22 <= value <= 25.5 for steps in CRF.values() for value in steps.values())


def test_bits_per_pixel_are_enough_for_motion_and_no_waste():
    for lines, rate in STEPS.items():
        pixels = lines * lines * Fraction(16, 9) * 30
        assert 0.09 < rate / pixels < 0.27, lines


def test_options_hold_the_bit_rate_and_the_quality_of_the_rung():
    rung = LADDER[1]
    options = picture_options(rung, Fraction(25), Content.FILMED)
    assert (options["crf"], options["maxrate"], options["bufsize"]) == (
        23.0,
        14_000_000,
        28_000_000,
    )
    assert (options["g"], options["force_key_frames"]) == (150, "expr:not(mod(n,150))")
    assert "open-gop" not in options["x264-params"]
    assert options["flags"] == "+cgop"


def test_small_renditions_are_encoded_by_one_thread():
    threads = [
        "threads=1" in picture_options(rung, Fraction(25))["x264-params"].split(":")
        for rung in LADDER
    ]
    assert threads == [False, False, False, False, False, True, True]


def test_a_first_set_is_encoded_without_slow_settings_but_with_the_same_quality():
    full, quick = (picture_options(LADDER[4], Fraction(25), quick=quick) for quick in (False, True))
    assert quick == full | {"x264-params": ""}


def test_lookahead_is_bounded_by_memory():
    assert [lookahead(rung) for rung in LADDER] == [20, 27, 40, 40, 40, 40, 40]
