"""What the budget refuses, and why. Each is shown to people as it stands."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from budgets.alike import invoice_key

if TYPE_CHECKING:
    from budgets.models import Budget, Entry, Estimate, Line, Period
    from videos.planning.models import Video


class EntryIsFinal(ValidationError):
    """Somebody tried to change or delete a posted entry."""

    def __init__(self) -> None:
        super().__init__(
            _("A posted entry is never edited or deleted. Reverse it instead."), "entry_is_final"
        )


class PeriodClosed(ValidationError):
    """Nothing is posted to a closed period."""

    def __init__(self, period: "Period") -> None:
        text = _("%(period)s is closed: nothing can be posted to it any more.")
        super().__init__(text, "period_closed", {"period": period.code})


class ClosedStays(ValidationError):
    """What a closed period holds is reported, and stays as it was reported."""

    def __init__(self, period: "Period") -> None:
        text = _(
            "%(period)s is closed and reported: its days and its lines, with their names and kinds"
            " of cost, stay as they are. Make the change in a period that is open."
        )
        super().__init__(text, "closed_stays", {"period": period.code})


class EntryLeftOut(ValidationError):
    """Other days of a period would leave out an entry, which stays on its day for ever."""

    def __init__(self, period: "Period", entry: "Entry", first: dt.date, last: dt.date) -> None:
        text = _(
            "%(entry)s of %(day)s on “%(line)s” would be outside of %(period)s, and an entry keeps"
            " its day. Let the period begin on %(first)s or before and end on %(last)s or after."
        )
        values = {
            "entry": entry,
            "day": date_format(entry.posted_on),
            "line": entry.line.name,
            "period": period.code,
            "first": date_format(first),
            "last": date_format(last),
        }
        super().__init__(text, "entry_left_out", values)


class TodayLeftOut(ValidationError):
    """Other days of the current period would leave today without any."""

    def __init__(self, period: "Period", day: dt.date) -> None:
        text = _(
            "Today, %(day)s, would be in no period, and nothing could be spent. %(period)s has"
            " entries, so it must go on to include today."
        )
        super().__init__(text, "today_left_out", {"period": period.code, "day": date_format(day)})


class LineExceeded(ValidationError):
    """A line cannot carry the amount: what its video has reserved there, and what is available."""

    def __init__(self, line: "Line", minor: int, reserved: int = 0) -> None:
        if reserved:
            text = _(
                "“%(line)s” cannot carry %(amount)s: %(reserved)s is reserved for this video, and"
                " %(available)s is available."
            )
        else:
            text = _("“%(line)s” cannot carry %(amount)s: %(available)s is available.")
        values = {
            "line": line.name,
            "amount": line.shown(minor),
            "reserved": line.shown(reserved),
            "available": line.shown(line.available),
        }
        super().__init__(text, "line_exceeded", values)


class OverrideNotAllowed(ValidationError):
    """Only some may take a line below zero."""

    def __init__(self) -> None:
        super().__init__(
            _("You may not take a line below zero. Ask finance."), "override_not_allowed"
        )


class NotSalesBudget(ValidationError):
    """Video production is paid from the sales budget alone."""

    def __init__(self, budget: "Budget") -> None:
        text = _(
            "“%(budget)s” belongs to %(department)s. Video production is paid from a budget that"
            " belongs to sales, because it is there that its deals are signed."
        )
        values = {"budget": budget.name, "department": budget.get_department_display().lower()}
        super().__init__(text, "not_sales_budget", values)


class OwnRequest(ValidationError):
    """Nobody greenlights what they asked for."""

    def __init__(self) -> None:
        super().__init__(
            _("You asked for this estimate yourself. Somebody else has to greenlight it."),
            "own_request",
        )


class WrittenByGreenlighter(ValidationError):
    """Nobody greenlights what they wrote, whoever sent it in the end."""

    def __init__(self, video: "Video") -> None:
        text = _(
            "You wrote an estimate of “%(video)s” since its last greenlight, so this one may be"
            " your own request. Somebody else has to greenlight it."
        )
        super().__init__(text, "written_by_greenlighter", {"video": video.title})


class EstimateNotWaiting(ValidationError):
    """The estimate is not in the state that the act needs."""

    def __init__(self, estimate: "Estimate") -> None:
        text = _(
            "That cannot be done with the estimate of “%(video)s” any more: its state is"
            " “%(state)s”."
        )
        values = {"video": estimate.video.title, "state": estimate.get_state_display()}
        super().__init__(text, "estimate_not_waiting", values)


class NotTheTime(ValidationError):
    """A video in this stage cannot get an estimate or a greenlight."""

    def __init__(self, video: "Video") -> None:
        text = _(
            "“%(video)s” is “%(stage)s”. An estimate is for a video that is planned and neither"
            " published nor cancelled."
        )
        values = {"video": video.title, "stage": video.get_stage_display()}
        super().__init__(text, "not_the_time", values)


class NotGreenlit(ValidationError):
    """No expense without a greenlight."""

    def __init__(self, video: "Video") -> None:
        text = _("“%(video)s” has no greenlight, so nothing can be spent on it yet.")
        super().__init__(text, "not_greenlit", {"video": video.title})


class OutsidePeriod(ValidationError):
    """The day of an expense is not one of its line's period, or has not come yet."""

    def __init__(self, period: "Period", day: dt.date, today: dt.date) -> None:
        latest = min(period.ends_on, today)
        if latest < period.starts_on:
            text = _("%(period)s begins on %(first)s: nothing is posted to it before.")
        elif day > today:
            text = _(
                "%(day)s has not come yet, and an expense is posted once the money is spent. The"
                " latest day that works is %(nearest)s."
            )
        else:
            text = _(
                "%(day)s is not in %(period)s, which runs from %(first)s to %(last)s. The nearest"
                " day that works is %(nearest)s."
            )
        values = {
            "day": date_format(day),
            "period": period.code,
            "first": date_format(period.starts_on),
            "last": date_format(period.ends_on),
            "nearest": date_format(min(max(day, period.starts_on), latest)),
        }
        super().__init__(text, "outside_period", values)


class PostedAlready(ValidationError):
    """An expense that looks like one that is posted; whoever says so posts it all the same."""

    def __init__(self, entry: "Entry", invoice: str) -> None:
        self.entry = entry
        if invoice_key(invoice) and invoice_key(entry.invoice):
            text = _(
                "An expense with the same supplier and invoice, %(entry)s, was posted on %(day)s"
                " by %(by)s. Post it all the same?"
            )
        else:
            text = _(
                "An expense with the same supplier, day and amount, %(entry)s, was posted on"
                " %(day)s by %(by)s. Post it all the same?"
            )
        values = {
            "entry": entry.line.shown(entry.minor),
            "day": date_format(timezone.localtime(entry.posted_at)),
            "by": entry.by or _("the studio"),
        }
        super().__init__(text, "posted_already", values)


class NotReversible(ValidationError):
    """The entry cannot be reversed; the message says why."""


class AmountRefused(ValidationError):
    """An amount that no line can hold; the message says why."""


class ReasonMissing(ValidationError):
    """An act that needs a reason on record came without one."""

    def __init__(self) -> None:
        super().__init__(_("Say why: the reason is kept on record."), "reason_missing")
