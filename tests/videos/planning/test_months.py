import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from videos.planning.months import Month, month_bounds, whole_minutes

months = st.builds(Month, st.integers(1980, 2100), st.integers(1, 12))


@given(months, st.integers(0, 6))
def test_a_month_is_shown_in_whole_weeks(month, first_weekday):
    days = month.days(first_weekday)
    assert len(days) % 7 == 0
    assert days[0].weekday() == first_weekday
    assert [day for day in days if Month.of(day) == month] == [
        month.first + dt.timedelta(days=n) for n in range((month.shift(1).first - month.first).days)
    ]


@given(months, st.integers(-40, 40))
def test_shifting_a_month_there_and_back_is_nothing(month, by):
    assert month.shift(by).shift(-by) == month
    assert (month.shift(1).first - dt.timedelta(days=1)).month == month.month


def test_a_month_begins_at_midnight_of_the_studio(settings):
    with timezone.override("Europe/Berlin"):
        first, after = month_bounds(2026, 3)
    assert first == dt.datetime(2026, 2, 28, 23, tzinfo=dt.UTC)
    assert after == dt.datetime(2026, 3, 31, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (59, 0), (60, 1), (1799, 29)])
def test_minutes_are_whole(seconds, minutes):
    assert whole_minutes(dt.timedelta(seconds=seconds)) == minutes
