import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ranges import with_played
from videos.audience.tracking import bounds

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def after(seconds):
    return NOON + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("elapsed", "start"), [(0, 0), (12.25, -12.25), (600, -600), (600.5, -600), (604000, -600)]
)
def test_a_report_says_of_a_start_ten_minutes_ago_at_most(elapsed, start):
    assert bounds.start_from_elapsed(NOON, elapsed) == after(start)


def test_a_start_lies_before_none_of_its_limits():
    assert bounds.clamp_start(NOON, []) == NOON
    assert bounds.clamp_start(NOON, [None, after(-5)]) == NOON
    assert bounds.clamp_start(NOON, [after(-5), after(7), None, after(3)]) == after(7)


@pytest.mark.parametrize(
    ("played", "passed", "seconds"),
    [
        ("4", 0, "4"),
        ("60", 0, "5"),
        ("60", 10, "25"),
        ("60", 27.5, "60"),
        ("60", 27.499999, "59.999998"),
        ("0.1", -1, "0.1"),
        ("60", -10, "0"),  # a link that was made after the last range came
    ],
)
def test_nobody_plays_more_than_double_speed_and_five_seconds(played, passed, seconds):
    told = bounds.cap_seconds_watched(Decimal(played), NOON, after(passed))
    assert told == Decimal(seconds)


@given(st.decimals(0, 10**6, places=3), st.floats(0, 10**6), st.floats(0, 10**6))
def test_more_time_never_makes_fewer_seconds(played, some, more):
    early, late = (
        bounds.cap_seconds_watched(played, NOON, after(seconds)) for seconds in sorted((some, more))
    )
    assert Decimal(0) <= early <= late <= played


def test_what_is_known_stays_when_a_video_has_become_shorter():
    assert with_played([(0.0, 50.0)], [(60, 70), (2, 3)], 40) == [(0, 50)]
    assert with_played([(0.0, 5.0)], [(30, 70)], 40) == [(0, 5), (30, 40)]
