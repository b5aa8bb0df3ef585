"""The minutes that experts promised each month, and those that are booked."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from videos.planning.models import Expert, Shoot
from videos.planning.months import Month, whole_minutes


class Minutes(NamedTuple):
    """An expert's minutes in one month."""

    expert: Expert
    month: Month
    booked: int
    promised: int

    @property
    def left(self) -> int:
        """The minutes that are not booked yet; negative if more is booked than promised."""
        return self.promised - self.booked

    @property
    def is_over(self) -> bool:
        """Whether more is booked than was promised."""
        return self.booked > self.promised

    @property
    def is_none(self) -> bool:
        """Whether minutes were promised for this or an earlier month, and none are booked."""
        return self.promised > 0 and not self.booked and self.month <= this_month()

    def __str__(self) -> str:
        return minutes_text(self.booked, self.promised)


def minutes_text(booked: int, promised: int) -> str:
    """For example “20 of 30 min”."""
    return _("%(booked)d of %(promised)d min") % {"booked": booked, "promised": promised}


def this_month() -> Month:
    """The current month in the studio's time zone."""
    return Month.of(timezone.localdate())


def minutes_booked(expert: Expert, year: int, month: int) -> int:
    """The whole minutes of an expert's shoots that start in a month of the studio's time zone."""
    return whole_minutes(Expert.objects.with_minutes(year, month).get(pk=expert.pk).booked)


def minutes_in_month_of(shoot: Shoot) -> list[Minutes]:
    """The minutes of each expert of a shoot in its month."""
    month = Month.of(timezone.localdate(shoot.starts_at))
    experts = shoot.experts.with_minutes(*month).select_related("user")
    return [
        Minutes(expert, month, whole_minutes(expert.booked), expert.minutes_a_month)
        for expert in experts
    ]
