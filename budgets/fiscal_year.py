"""A fiscal year with its periods, budget and lines, set up in one go."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budgets import errors, ledger
from budgets.models import Budget, Line, Period
from studio.changes import CreateOnRecord
from studio.people.models import User


class Parts(models.IntegerChoices):
    """Into how many periods a year is divided."""

    YEAR = 1, gettext_lazy("one period")
    HALVES = 2, gettext_lazy("two halves")
    QUARTERS = 4, gettext_lazy("four quarters")
    MONTHS = 12, gettext_lazy("twelve months")


LETTERS = {Parts.HALVES: "H{}", Parts.QUARTERS: "Q{}", Parts.MONTHS: "{:02}"}


class PlannedPeriod(NamedTuple):
    """A period to be: its code, its name, its first and its last day."""

    code: str
    name: str
    starts_on: dt.date
    ends_on: dt.date


class PlannedLine(NamedTuple):
    """A line to be: what each of the periods sets aside for it, in minor units of the budget."""

    name: str
    kind: str
    minor: Mapping[int, int]  # by the number of the period, from 0


def planned_periods(first_month: int, year: int, parts: Parts) -> list[PlannedPeriod]:
    """The periods of the fiscal year that begins in a month of a calendar year.

    It is named for the calendar year in which it ends.
    """
    months = 12 // parts
    start = year * 12 + first_month - 1
    code = f"FY{(start + 11) // 12}"
    found = []
    for number in range(parts):
        first = month_of(start + number * months)
        last = month_of(start + (number + 1) * months) - dt.timedelta(days=1)
        letters = LETTERS.get(parts)
        suffix = f"-{letters.format(number + 1)}" if letters else ""
        found.append(PlannedPeriod(f"{code}{suffix}", name_of(first, last), first, last))
    return found


def month_of(number: int) -> dt.date:
    """The first day of a month, counted from the year 0."""
    return dt.date(number // 12, number % 12 + 1, 1)


def name_of(first: dt.date, last: dt.date) -> str:
    """The months of a period in words."""
    words = {"first": MONTHS[first.month], "last": MONTHS[last.month], "year": last.year}
    if (first.year, first.month) == (last.year, last.month):
        return _("%(last)s %(year)d") % words
    if first.year == last.year:
        return _("%(first)s to %(last)s %(year)d") % words
    return _("%(first)s %(first_year)d to %(last)s %(year)d") % {**words, "first_year": first.year}


def existing_period(span: PlannedPeriod) -> Period | None:
    """The period with exactly these days, if there is one; its code may be another."""
    return Period.objects.filter(starts_on=span.starts_on, ends_on=span.ends_on).first()


def set_up(
    wanted: Sequence[PlannedPeriod], budget: Budget, lines: Sequence[PlannedLine], *, by: User
) -> list[Period]:
    """Makes what is missing of periods, budget and lines, with the amounts: all, or nothing.

    A period that is there with the same days is taken as it is. Raises ValidationError with what is
    in the way: days that another period has, a closed period, a line that is there.
    """
    with transaction.atomic():
        periods = [period_of(span, by=by) for span in wanted]
        if budget.pk is None:
            save(budget, by=by)
        for line in lines:
            for number, minor in sorted(line.minor.items()):
                approve(budget, periods[number], line, minor, by=by)
    return periods


def period_of(span: PlannedPeriod, *, by: User) -> Period:
    """The period with the days of a span, made where it is missing. Raises ValidationError."""
    period = existing_period(span)
    if period is None:
        period = Period(**span._asdict())
        save(period, by=by)
    if period.is_closed:
        raise errors.PeriodClosed(period)
    return period


def approve(budget: Budget, period: Period, planned: PlannedLine, minor: int, *, by: User) -> None:
    """Makes a line of a period and approves its amount. Raises ValidationError."""
    line = Line(budget=budget, period=period, name=planned.name, kind=planned.kind)
    save(line, by=by)
    ledger.set_approved(line.pk, minor, by=by, reason=_("First amount of the line."))


def save(row: Any, *, by: User) -> None:
    """Checks and saves a new row, on record. Raises ValidationError, which names the row."""
    try:
        row.full_clean()
    except ValidationError as refusal:
        said = " ".join(refusal.messages)
        raise ValidationError(
            _("%(row)s: %(said)s"), "refused", {"row": str(row), "said": said}
        ) from None
    CreateOnRecord(row, user=by).execute()
