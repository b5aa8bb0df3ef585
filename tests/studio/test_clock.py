# ruff: noqa: DTZ001  # what a clock on the wall shows has no zone
"""Lengths are added to instants, and a time on the wall may be one instant, two, or none."""

import datetime as dt
import zoneinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.clock import (
    NoSuchTime,
    OutOfTime,
    after,
    beside_gap,
    instant_of,
    instants_of,
    turn_of,
    wall_of,
    which_text,
)

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(sorted(zoneinfo.available_timezones())).map(ZoneInfo)
WALLS = st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2037, 12, 31)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
FIRST, SECOND = (dt.datetime(2027, 11, 7, hour, 30, tzinfo=dt.UTC) for hour in (5, 6))
TWICE, SKIPPED = dt.datetime(2027, 11, 7, 1, 30), dt.datetime(2027, 3, 14, 2, 30)


@pytest.mark.parametrize(
    ("wall", "minutes", "end"),
    [
        (dt.datetime(2027, 3, 14, 1, 30), 120, dt.datetime(2027, 3, 14, 8, 30)),
        (dt.datetime(2027, 11, 7, 0, 30), 120, dt.datetime(2027, 11, 7, 6, 30)),
        (dt.datetime(2027, 3, 13, 20), 600, dt.datetime(2027, 3, 14, 11)),
    ],
)
def test_a_length_over_a_change_of_clocks_is_elapsed_time(wall, minutes, end):
    start = instant_of(wall, NEW_YORK)
    assert after(start, dt.timedelta(minutes=minutes)) == end.replace(tzinfo=dt.UTC)
    local = wall.replace(tzinfo=NEW_YORK)
    assert after(local, dt.timedelta(minutes=minutes)) == end.replace(tzinfo=dt.UTC)


@given(
    ZONES, st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2037, 12, 31)), st.integers(1, 9000)
)
def test_between_start_and_end_lies_the_length_in_any_zone(zone, utc, minutes):
    start = utc.replace(tzinfo=dt.UTC).astimezone(zone)
    end = after(start, dt.timedelta(minutes=minutes))
    assert end.timestamp() - start.timestamp() == minutes * 60


@given(ZONES, WALLS)
def test_a_time_is_taken_or_refused_with_two_that_are_taken(zone, wall):
    found = instants_of(wall, zone)
    assert [wall_of(one, zone) for one in found] == [wall] * len(found)
    if found:
        assert instant_of(wall, zone) == found[0]
        assert instant_of(wall, zone, which="1") == found[-1]
        return
    last, first = beside_gap(wall, zone)
    assert last < wall < first or last < wall == first
    assert instants_of(last, zone)
    assert instants_of(first, zone)
    assert instants_of(first, zone)[0] - instants_of(last, zone)[-1] <= dt.timedelta(minutes=1)
    with pytest.raises(NoSuchTime):
        instant_of(wall, zone)


@given(ZONES, st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2037, 12, 31)), st.booleans())
def test_what_was_left_as_it_stood_stays_to_the_microsecond(zone, utc, says_which):
    before = utc.replace(tzinfo=dt.UTC)
    shown = wall_of(before, zone).replace(second=0, microsecond=0)
    turn = turn_of(before, zone)
    which = str(turn) if says_which and turn is not None else ""
    assert instant_of(shown, zone, which=which, before=before) == before


def test_a_time_that_comes_twice_is_the_first_unless_said():
    assert instants_of(TWICE, NEW_YORK) == [FIRST, SECOND]
    assert instant_of(TWICE, NEW_YORK) == FIRST
    assert instant_of(TWICE, NEW_YORK, which="1") == SECOND
    assert instant_of(TWICE, NEW_YORK, which="0", before=SECOND) == FIRST
    assert which_text(FIRST, NEW_YORK) == (
        "01:30 comes twice that day; this is the first (EDT, UTC−04:00)."
    )
    assert which_text(SECOND, NEW_YORK) == (
        "01:30 comes twice that day; this is the second (EST, UTC−05:00)."
    )
    assert which_text(SECOND + dt.timedelta(minutes=30), NEW_YORK) == ""


def test_a_skipped_time_is_refused_with_the_nearest():
    with pytest.raises(NoSuchTime) as refusal:
        instant_of(SKIPPED, NEW_YORK)
    assert refusal.value.messages == [
        "Clocks in America/New_York never show 02:30 on 14 Mar 2027: they are set forward over it. "
        "The nearest times are 01:59 and 03:00."
    ]
    with pytest.raises(NoSuchTime, match=r"29 Dec 2011, 23:59 and 31 Dec 2011, 00:00"):
        instant_of(dt.datetime(2011, 12, 30, 12), ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_are_refused_in_words(year):
    with pytest.raises(OutOfTime):
        instant_of(dt.datetime(year, 12, 31, 23), NEW_YORK)
