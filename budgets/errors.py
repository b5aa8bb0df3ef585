"""Exceptions of the budget. Their messages are shown to users."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from budgets.supplier_keys import invoice_key
from videos.planning.models import Stage

if TYPE_CHECKING:
    from budgets.models import Budget, Entry, Estimate, Line, Period
    from videos.planning.models import Video


class EntryIsFinal(ValidationError):
    """A posted entry was to be changed or deleted."""

    def __init__(self) -> None:
        super().__init__(
            _("A posted entry is never edited or deleted. Reverse it instead."), "entry_is_final"
        )


class PeriodClosed(ValidationError):
    """The period is closed. The message names the nearest open one."""

    def __init__(self, period: "Period") -> None:
        instead = period.nearest_open()
        if instead:
            text = _(
                "%(period)s is closed, so nothing can be posted to it. The nearest open period is"
                " %(open)s."
            )
        else:
            text = _(
                "%(period)s is closed, so nothing can be posted to it, and no other period is open."
                " Finance can add one."
            )
        values = {"period": period.code, "open": instead.code if instead else ""}
        super().__init__(text, "period_closed", values)


class ClosedPeriodRefused(ValidationError):
    """A closed period and its lines cannot be changed or deleted."""

    def __init__(self, period: "Period") -> None:
        text = _(
            "%(period)s is closed, so its days and lines can no longer be changed. Make the change"
            " in an open period."
        )
        super().__init__(text, "closed_period", {"period": period.code})


class EntryOutsidePeriod(ValidationError):
    """With other days, a period would no longer cover one of its entries.

    `first` and `last` are the days that it has to cover.
    """

    def __init__(self, period: "Period", entry: "Entry", first: dt.date, last: dt.date) -> None:
        text = _(
            "With these days, %(period)s would not cover %(entry)s of %(day)s on “%(line)s”. It"
            " has to begin on %(first)s or earlier and end on %(last)s or later."
        )
        values = {
            "entry": entry,
            "day": date_format(entry.posted_on),
            "line": entry.line.name,
            "period": period.code,
            "first": date_format(first),
            "last": date_format(last),
        }
        super().__init__(text, "entry_outside_period", values)


class TodayNotCovered(ValidationError):
    """With other days, the current period would no longer cover today."""

    def __init__(self, period: "Period", day: dt.date) -> None:
        text = _(
            "%(period)s is the current period and has entries, so it has to include today, %(day)s."
        )
        super().__init__(
            text, "today_not_covered", {"period": period.code, "day": date_format(day)}
        )


class LineExceeded(ValidationError):
    """The line has too little for the amount.

    `minor` is the whole amount, `reserved` the part of it that the video's commitment pays.
    """

    def __init__(self, line: "Line", minor: int, reserved: int = 0) -> None:
        if reserved:
            text = _(
                "“%(line)s” does not have %(amount)s: %(reserved)s is committed to this video, and"
                " %(available)s is available."
            )
        else:
            text = _("“%(line)s” does not have %(amount)s: %(available)s is available.")
        most = reserved + max(line.available, 0)
        if most:
            text += " " + _(
                "It can pay at most %(most)s. For more, raise its approved amount, or give a"
                " reason to go below zero."
            )
        else:
            text += " " + _("Raise its approved amount, or give a reason to go below zero.")
        values = {
            "line": line.name,
            "amount": line.shown(minor),
            "reserved": line.shown(reserved),
            "available": line.shown(line.available),
            "most": line.shown(most),
        }
        super().__init__(text, "line_exceeded", values)


class ApprovedTooLow(ValidationError):
    """The new approved amount of a line is less than what is committed and spent."""

    def __init__(self, line: "Line", minor: int) -> None:
        text = _(
            "“%(line)s” cannot be reduced to %(amount)s: %(used)s is committed or spent. Enter"
            " %(used)s or more."
        )
        used = line.approved - line.available
        values = {"line": line.name, "amount": line.shown(minor), "used": line.shown(used)}
        super().__init__(text, "approved_too_low", values)


class OverrideNotAllowed(ValidationError):
    """The user may not take a line below zero."""

    def __init__(self, line: "Line", reserved: int = 0) -> None:
        text = _(
            "You may not take “%(line)s” below zero. It can pay at most %(most)s; for more, ask"
            " finance."
        )
        most = line.shown(reserved + max(line.available, 0))
        super().__init__(text, "override_not_allowed", {"line": line.name, "most": most})


class NotSalesBudget(ValidationError):
    """Video production is paid from a sales budget; `instead` are the names of such budgets."""

    def __init__(self, budget: "Budget", instead: Sequence[str] = ()) -> None:
        text = _(
            "“%(budget)s” does not belong to sales. Videos are paid from a budget of sales, whose"
            " deals they help to sign."
        )
        if instead:
            text += " " + _("Choose a line of %(instead)s.")
        values = {
            "budget": budget.name,
            "instead": ", ".join(_("“%(name)s”") % {"name": name} for name in instead),
        }
        super().__init__(text, "not_sales_budget", values)


class OwnRequest(ValidationError):
    """Nobody greenlights an estimate that they requested."""

    def __init__(self) -> None:
        super().__init__(
            _("You requested this greenlight yourself. Somebody else has to give it."),
            "own_request",
        )


class WrittenByGreenlighter(ValidationError):
    """Nobody greenlights an estimate that they wrote, even if somebody else requested it."""

    def __init__(self, video: "Video") -> None:
        text = _(
            "You have written an estimate of “%(video)s” since its last greenlight. Somebody else"
            " has to greenlight this one."
        )
        super().__init__(text, "written_by_greenlighter", {"video": video.title})


class EstimateNotWaiting(ValidationError):
    """The estimate has the wrong state. The message says which, and what can be done."""

    def __init__(self, estimate: "Estimate") -> None:
        state = estimate.State(estimate.state)
        text = {
            estimate.State.DRAFT: _(
                "The estimate of “%(video)s” is a draft. Request its greenlight first."
            ),
            estimate.State.REQUESTED: _(
                "An estimate of “%(video)s” has been waiting for a greenlight since %(requested)s."
                " Withdraw it to change it."
            ),
            estimate.State.GREENLIT: _(
                "The estimate of “%(video)s” was greenlit on %(decided)s by %(by)s. If the video"
                " needs more, write another estimate."
            ),
            estimate.State.DECLINED: _(
                "The estimate of “%(video)s” was declined on %(decided)s by %(by)s. Write a new"
                " one."
            ),
        }[state]
        values = {
            "video": estimate.video.title,
            "requested": day_of(estimate.requested_at),
            "decided": day_of(estimate.decided_at),
            "by": estimate.decided_by or _("the studio"),
        }
        super().__init__(text, "estimate_not_waiting", values)


def day_of(at: dt.datetime | None) -> str:
    """Return the local day of a time in words, or an empty string."""
    return date_format(timezone.localtime(at)) if at else ""


class WrongStage(ValidationError):
    """A video in this stage cannot get an estimate or a greenlight."""

    def __init__(self, video: "Video") -> None:
        if video.stage == Stage.IDEA:
            text = _(
                "“%(video)s” is still an idea. Plan it first; then its estimate can be greenlit."
            )
        else:
            text = _(
                "“%(video)s” is in the stage “%(stage)s”, so it gets no more money. For further"
                " work, plan a new video."
            )
        values = {"video": video.title, "stage": video.get_stage_display()}
        super().__init__(text, "wrong_stage", values)


class NotGreenlit(ValidationError):
    """The video has no greenlight, so no expense can be posted."""

    def __init__(self, video: "Video") -> None:
        text = _(
            "“%(video)s” is not greenlit, so nothing can be spent on it yet. A producer estimates"
            " its cost first, and finance greenlights the estimate."
        )
        super().__init__(text, "not_greenlit", {"video": video.title})


class OutsidePeriod(ValidationError):
    """The day of an expense is outside its line's period, or in the future."""

    def __init__(self, period: "Period", day: dt.date, today: dt.date) -> None:
        latest = min(period.ends_on, today)
        if latest < period.starts_on:
            text = _("%(period)s begins on %(first)s. No expense can be posted to it before that.")
        elif day > today:
            text = _(
                "%(day)s is in the future, and an expense is posted once the money is spent. The"
                " latest possible day is %(nearest)s."
            )
        else:
            text = _(
                "%(day)s is not in %(period)s, which runs from %(first)s to %(last)s. The nearest"
                " possible day is %(nearest)s."
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
    """The expense looks like one that is posted. The user may confirm and post it anyway."""

    def __init__(self, entry: "Entry", invoice: str) -> None:
        self.entry = entry
        if invoice_key(invoice) and invoice_key(entry.invoice):
            text = _(
                "An expense with the same supplier and invoice, %(entry)s, was posted on %(day)s"
                " by %(by)s. Post this one anyway?"
            )
        else:
            text = _(
                "An expense with the same supplier, day and amount, %(entry)s, was posted on"
                " %(day)s by %(by)s. Post this one anyway?"
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
    """The amount is not allowed; the message says why."""


class ReasonMissing(ValidationError):
    """The action needs a reason."""

    def __init__(self) -> None:
        super().__init__(_("Enter a reason. It is kept on record."), "reason_missing")
