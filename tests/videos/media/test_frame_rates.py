"""How fast a picture moves, by the times of its frames."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videos.media.transcoding.probing.frame_rates import (
    effective_rate,
    is_doubtful,
    near_standard,
    peak_rate,
)

RATES = st.sampled_from([10, 15, 20, 24, 25, 30, 48, 50, 60])


def times(rate: int, seconds: float, jitter: float, seed: int) -> list[float]:
    """When frames come that are early or late by up to `jitter` of a frame."""
    chance = random.Random(seed)
    return [(n + chance.uniform(-jitter, jitter)) / rate for n in range(int(rate * seconds))]


@given(RATES, st.floats(0, 0.5), st.integers(0, 2**32))
def test_jitter_does_not_change_a_constant_rate(rate, jitter, seed):
    assert peak_rate(times(rate, 15, jitter, seed)) == rate


@given(
    RATES,
    st.floats(0, 0.4),
    st.lists(st.floats(0.5, 40), min_size=1, max_size=4),
    st.integers(0, 2**32),
)
def test_pauses_do_not_change_a_constant_rate(rate, jitter, pauses, seed):
    found = times(rate, 5, jitter, seed)
    for number, pause in enumerate(pauses, 1):
        begin = found[-1] + pause
        found += [begin + at for at in times(rate, 5, jitter, seed + number)]
    assert peak_rate(found) == rate


def test_frames_that_stand_still_after_a_while_do_not_change_it():
    moving = times(60, 3, 0.4, 1)
    assert peak_rate([*moving, *(3 + n / 4 for n in range(12))]) == 60


def test_the_order_of_frames_does_not_matter():
    found = times(30, 4, 0.1, 2)
    assert peak_rate(found[::-1]) == peak_rate(found) == 30


def test_milliseconds_and_ntsc_are_near_a_whole_rate():
    assert peak_rate([round(n * 1001 / 30, 0) / 1000 for n in range(120)]) == 30


@pytest.mark.parametrize("starts", [[], [0.0], [0.0, 0.5], [0.0] * 50])
def test_less_than_a_second_tells_nothing(starts):
    assert peak_rate(starts) is None


@pytest.mark.parametrize(
    ("rate", "meant"), [(31, 30), (29, 30), (61, 60), (17, 17), (Fraction(49, 2), 24), (200, 200)]
)
def test_a_count_means_the_nearest_usual_rate_or_itself(rate, meant):
    assert near_standard(Fraction(rate)) in {meant, 25 if meant == 24 else meant}


@pytest.mark.parametrize(
    ("base", "average", "doubtful"),
    [
        (None, "30", True),
        ("30", None, True),
        ("1000", "125/4", True),  # a browser's, in milliseconds
        ("90000", "57", True),
        ("60", "60", False),
        ("30", "12", False),  # a camera that left frames out
        ("240", "240", False),
        ("25", "30", True),  # more frames than the clock has ticks
    ],
)
def test_a_rate_is_doubtful_where_time_stamps_lie_on_no_grid_of_it(base, average, doubtful):
    told = [Fraction(rate) if rate else None for rate in (base, average)]
    assert is_doubtful(*told) is doubtful


@pytest.mark.parametrize(
    ("average", "fast", "rate"),
    [
        ("30", 30, "30"),
        ("2997/100", 30, "30000/1001"),
        ("29.8", 30, "30"),
        ("22.1", 30, "30"),  # with pauses
        ("25", 30, "30"),
        ("15", 30, "30"),
        ("1000", 30, "30"),  # of a clock, not of pictures
        ("15", 17, "17"),
    ],
)
def test_the_busiest_rate_is_meant_but_for_a_usual_average_next_to_it(average, fast, rate):
    assert effective_rate(Fraction(average), Fraction(fast)) == Fraction(rate)
