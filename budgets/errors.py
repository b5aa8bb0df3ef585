"""What the budget refuses, and why. Each is shown to people as it stands."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from budgets.models import Budget, Estimate, Line, Period
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


class EstimateNotWaiting(ValidationError):
    """The estimate is not in the state that the act needs."""

    def __init__(self, estimate: "Estimate") -> None:
        text = _("The estimate of “%(video)s” cannot be changed so: it is “%(state)s”.")
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

    def __init__(self, period: "Period", day: dt.date) -> None:
        text = _("%(day)s is not in %(period)s, which runs from %(first)s to %(last)s.")
        values = {
            "day": day.isoformat(),
            "period": period.code,
            "first": period.starts_on.isoformat(),
            "last": period.ends_on.isoformat(),
        }
        super().__init__(text, "outside_period", values)


class NotReversible(ValidationError):
    """The entry cannot be reversed; the message says why."""


class AmountRefused(ValidationError):
    """An amount that no line can hold; the message says why."""


class ReasonMissing(ValidationError):
    """An act that needs a reason on record came without one."""

    def __init__(self) -> None:
        super().__init__(_("Say why: the reason is kept on record."), "reason_missing")
