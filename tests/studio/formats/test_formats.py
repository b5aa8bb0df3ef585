"""Days and times are written one way, and weeks start on Monday."""

import datetime as dt

from django.utils import formats


def test_days_come_first_and_times_have_24_hours():
    moment = dt.datetime(2026, 9, 1, 15, 4, tzinfo=dt.UTC)
    names = ("DATE_FORMAT", "SHORT_DATE_FORMAT", "DATETIME_FORMAT", "TIME_FORMAT")
    assert [formats.date_format(moment, name) for name in names] == [
        "1 Sep 2026",
        "1 Sep 2026",
        "1 Sep 2026, 15:04",
        "15:04",
    ]


def test_weeks_start_on_monday():
    assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
