"""Sets up a fiscal year: its periods, budget and lines."""

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
    """The number of periods in a year."""

    YEAR = 1, gettext_lazy("one period")
    HALVES = 2, gettext_lazy("two halves")
    QUARTERS = 4, gettext_lazy("four quarters")
    MONTHS = 12, gettext_lazy("twelve months")


SUFFIXES = {Parts.HALVES: "H{}", Parts.QUARTERS: "Q{}", Parts.MONTHS: "{:02}"}


class PlannedPeriod(NamedTuple):
    """A period to create; both days are included."""

    code: str
    name: str
    starts_on: dt.date
    ends_on: dt.date


class PlannedLine(NamedTuple):
    """A line to create in some of the periods, with its amount in each.

    Amounts are minor units of the budget's currency, by index of the period.
    """

    name: str
    kind: str
    minor: Mapping[int, int]


def planned_periods(first_month: int, year: int, parts: Parts) -> list[PlannedPeriod]:
    """Return the periods of the fiscal year that begins in `first_month` (1 to 12) of `year`.

    Their codes name the calendar year in which the fiscal year ends, as in FY2026-Q1.
    """
    months = 12 // parts
    start = year * 12 + first_month - 1
    code = f"FY{(start + 11) // 12}"
    found = []
    for number in range(parts):
        first = month_of(start + number * months)
        last = month_of(start + (number + 1) * months) - dt.timedelta(days=1)
        template = SUFFIXES.get(parts)
        suffix = f"-{template.format(number + 1)}" if template else ""
        found.append(PlannedPeriod(f"{code}{suffix}", name_of(first, last), first, last))
    return found


def month_of(number: int) -> dt.date:
    """Return the first day of a month, counted in months from January of the year 0."""
    return dt.date(number // 12, number % 12 + 1, 1)


def name_of(first: dt.date, last: dt.date) -> str:
    """Return the months of a period in words, as in “July to September 2026”."""
    words = {"first": MONTHS[first.month], "last": MONTHS[last.month], "year": last.year}
    if (first.year, first.month) == (last.year, last.month):
        return _("%(last)s %(year)d") % words
    if first.year == last.year:
        return _("%(first)s to %(last)s %(year)d") % words
    return _("%(first)s %(first_year)d to %(last)s %(year)d") % {**words, "first_year": first.year}


def existing_period(span: PlannedPeriod) -> Period | None:
    """Return the period with exactly these days, if any; its code may differ."""
    return Period.objects.filter(starts_on=span.starts_on, ends_on=span.ends_on).first()


def set_up(
    spans: Sequence[PlannedPeriod], budget: Budget, lines: Sequence[PlannedLine], *, by: User
) -> list[Period]:
    """Create lines with approved amounts, and their periods and budget if they do not exist.

    An existing period with the same days is used as it is. Raises ValidationError, and saves
    nothing, if a period overlaps another or is closed, or if a line exists already.
    """
    with transaction.atomic():
        periods = [period_of(span, by=by) for span in spans]
        if budget.pk is None:
            save(budget, by=by)
        for line in lines:
            for number, minor in sorted(line.minor.items()):
                approve(budget, periods[number], line, minor, by=by)
    return periods


def period_of(span: PlannedPeriod, *, by: User) -> Period:
    """Return the period with these days, created if missing. Raises ValidationError."""
    period = existing_period(span)
    if period is None:
        period = Period(**span._asdict())
        save(period, by=by)
    if period.is_closed:
        raise errors.PeriodClosed(period)
    return period


def approve(budget: Budget, period: Period, planned: PlannedLine, minor: int, *, by: User) -> None:
    """Create a line and approve `minor` for it. Raises ValidationError."""
    line = Line(budget=budget, period=period, name=planned.name, kind=planned.kind)
    save(line, by=by)
    ledger.set_approved(line.pk, minor, by=by, reason=_("First approved amount."))


def save(new: Any, *, by: User) -> None:
    """Validate, save and log a new object. Raises ValidationError, which names the object."""
    try:
        new.full_clean()
    except ValidationError as refusal:
        values = {"object": str(new), "reason": " ".join(refusal.messages)}
        raise ValidationError(_("%(object)s: %(reason)s"), "refused", values) from None
    CreateOnRecord(new, user=by).execute()
