"""What the budget refuses, and why. Each is shown to people as it stands."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from budgets.supplier_keys import invoice_key

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
    """Nothing is posted to a closed period; names the nearest one that is open."""

    def __init__(self, period: "Period") -> None:
        instead = period.nearest_open()
        if instead:
            text = _(
                "%(period)s is closed: nothing can be posted to it any more. The nearest period"
                " that is open is %(open)s."
            )
        else:
            text = _(
                "%(period)s is closed: nothing can be posted to it any more, and no other period"
                " is open. Finance can add one."
            )
        values = {"period": period.code, "open": instead.code if instead else ""}
        super().__init__(text, "period_closed", values)


class ClosedPeriodRefused(ValidationError):
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
        most = reserved + max(line.available, 0)
        if most:
            text += " " + _(
                "Up to %(most)s is possible. More needs a higher approved amount of the line, or a"
                " reason to go below zero."
            )
        else:
            text += " " + _(
                "It needs a higher approved amount of the line, or a reason to go below zero."
            )
        values = {
            "line": line.name,
            "amount": line.shown(minor),
            "reserved": line.shown(reserved),
            "available": line.shown(line.available),
            "most": line.shown(most),
        }
        super().__init__(text, "line_exceeded", values)


class ApprovedTooLow(ValidationError):
    """A line would be approved for less than is committed and spent on it."""

    def __init__(self, line: "Line", minor: int) -> None:
        text = _(
            "“%(line)s” cannot go down to %(amount)s: %(used)s of it is committed or spent. The"
            " lowest amount that works is %(used)s."
        )
        used = line.approved - line.available
        values = {"line": line.name, "amount": line.shown(minor), "used": line.shown(used)}
        super().__init__(text, "approved_too_low", values)


class OverrideNotAllowed(ValidationError):
    """Only some may take a line below zero."""

    def __init__(self, line: "Line", reserved: int = 0) -> None:
        text = _(
            "You may not take “%(line)s” below zero. Up to %(most)s is possible; for more, ask"
            " finance."
        )
        most = line.shown(reserved + max(line.available, 0))
        super().__init__(text, "override_not_allowed", {"line": line.name, "most": most})


class NotSalesBudget(ValidationError):
    """Video production is paid from the sales budget alone; `instead` are budgets of sales."""

    def __init__(self, budget: "Budget", instead: Sequence[str] = ()) -> None:
        text = _(
            "“%(budget)s” belongs to %(department)s. Video production is paid from a budget that"
            " belongs to sales, because it is there that its deals are signed."
        )
        if instead:
            text += " " + _("Take a line of %(instead)s.")
        values = {
            "budget": budget.name,
            "department": budget.get_department_display().lower(),
            "instead": ", ".join(f"“{name}”" for name in instead),
        }
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
    """The estimate is not in the state that the act needs; says in which, and what can be done."""

    def __init__(self, estimate: "Estimate") -> None:
        state = estimate.State(estimate.state)
        text = {
            estimate.State.DRAFT: _(
                "The estimate of “%(video)s” is a draft: ask for its greenlight first."
            ),
            estimate.State.REQUESTED: _(
                "An estimate of “%(video)s” waits for a greenlight already, since %(asked)s."
                " Withdraw it to change it."
            ),
            estimate.State.GREENLIT: _(
                "The estimate of “%(video)s” was greenlit on %(decided)s by %(by)s. If it needs"
                " more, ask for another estimate."
            ),
            estimate.State.DECLINED: _(
                "The estimate of “%(video)s” was declined on %(decided)s by %(by)s. Write a new"
                " one."
            ),
        }[state]
        values = {
            "video": estimate.video.title,
            "asked": day_of(estimate.requested_at),
            "decided": day_of(estimate.decided_at),
            "by": estimate.decided_by or _("the studio"),
        }
        super().__init__(text, "estimate_not_waiting", values)


def day_of(at: dt.datetime | None) -> str:
    """The day of an instant in words; empty for none."""
    return date_format(timezone.localtime(at)) if at else ""


class NotTheTime(ValidationError):
    """A video in this stage cannot get an estimate or a greenlight."""

    def __init__(self, video: "Video") -> None:
        if video.stage == "idea":
            text = _("“%(video)s” is an idea. Plan it first, then its estimate can be greenlit.")
        else:
            text = _(
                "“%(video)s” is “%(stage)s”: nothing more is spent on it. Plan a new video for"
                " what is still to be made."
            )
        values = {"video": video.title, "stage": video.get_stage_display()}
        super().__init__(text, "not_the_time", values)


class NotGreenlit(ValidationError):
    """No expense without a greenlight."""

    def __init__(self, video: "Video") -> None:
        text = _(
            "“%(video)s” has no greenlight, so nothing can be spent on it yet. First its producer"
            " asks for an estimate, and finance greenlights it."
        )
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
        super().__init__(text, "similar_expense", values)


class NotReversible(ValidationError):
    """The entry cannot be reversed; the message says why."""


class AmountRefused(ValidationError):
    """An amount that no line can hold; the message says why, and which it can."""


class ReasonMissing(ValidationError):
    """An act that needs a reason on record came without one."""

    def __init__(self) -> None:
        super().__init__(_("Say why: the reason is kept on record."), "reason_missing")
