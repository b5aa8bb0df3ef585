"""Months of the studio's time zone: their bounds, their weeks, and minutes in them."""

import calendar
import datetime as dt
from typing import NamedTuple

from django.utils import timezone


class Month(NamedTuple):
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        """The month that a day lies in."""
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        """The first day of the month."""
        return dt.date(self.year, self.month, 1)

    def shift(self, months: int) -> "Month":
        """The month so many months later, or earlier."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    def days(self, first_weekday: int = 0) -> list[dt.date]:
        """The days of whole weeks that cover the month. `first_weekday`: 0 is Monday."""
        return list(calendar.Calendar(first_weekday).itermonthdates(*self))


def midnight(day: dt.date) -> dt.datetime:
    """The instant at which a day begins in the studio's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def month_bounds(year: int, month: int) -> tuple[dt.datetime, dt.datetime]:
    """The instants at which a month and the one after it begin, in the studio's time zone."""
    this = Month(year, month)
    return midnight(this.first), midnight(this.shift(1).first)


def whole_minutes(time: dt.timedelta) -> int:
    """Full minutes in a span of time."""
    return time // dt.timedelta(minutes=1)
