"""Log actions of the budget, and how Wagtail's log shows them."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, LogFormatter, log

from budgets.models import Budget, Entry, Line, Period
from studio.changes import REASON, ChangeFormatter
from studio.formats.money import shown
from studio.record import logged, of_rows, register_acts

POSTED_AGAIN = "budgets.post_again"
OVERRIDE = "budgets.override"
PERIOD_CLOSED = "budgets.close_period"


def log_override(entry: Entry) -> None:
    """Log, in the line's history, an override that took the line below zero, with its reason."""
    data = {
        "entry": entry.pk,
        "video": entry.video.title if entry.video else "",
        "minor": entry.minor,
        "available": entry.line.available,
        "currency": entry.line.currency,
        REASON: entry.override_reason,
    }
    log(entry.line, OVERRIDE, user=entry.by, data=data)


class EarlierChangeFormatter(ChangeFormatter):
    """Log entries of earlier versions, which are no longer written."""

    label = _("Change budgets, lines and periods")
    message = _("Edited")
    key = "changes"


class PostedAgainFormatter(LogFormatter):
    """Names the posted expense that the new one looks like."""

    label = _("Post a similar expense")

    def format_message(self, log_entry: Any) -> str:
        similar = Entry.objects.select_related("line__budget").get(pk=log_entry.data["alike"])
        text = gettext("Posted although it looks like #%(key)s, %(entry)s of %(day)s.")
        values = {"key": similar.pk, "entry": similar, "day": date_format(similar.posted_on)}
        return text % values


class OverrideFormatter(LogFormatter):
    """Names the posting that took a line below zero."""

    label = _("Take a line below zero")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        text = (
            gettext("Posted %(amount)s for “%(video)s”, which left %(available)s on the line.")
            if data["video"]
            else gettext(
                "Changed the approved amount by %(amount)s, which left %(available)s on the line."
            )
        )
        values = {
            "amount": shown(data["minor"], data["currency"]),
            "available": shown(data["available"], data["currency"]),
            "video": data["video"],
        }
        return text % values

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data[REASON])


def register(actions: LogActionRegistry) -> None:
    """Register the log actions of budgets, lines and periods."""
    actions.register_action("budgets.change")(EarlierChangeFormatter)
    actions.register_action(POSTED_AGAIN)(PostedAgainFormatter)
    actions.register_action(OVERRIDE)(OverrideFormatter)
    actions.register_action(PERIOD_CLOSED, _("Close a period"), _("Closed"))


# In the administrators' report of logged actions

CHANGED = logged("wagtail.edit", "wagtail.delete", "budgets.change")
register_acts("overrides", logged(OVERRIDE), _("Lines taken below zero"))
register_acts("periods", logged(PERIOD_CLOSED) | (CHANGED & of_rows(Period)), _("Periods"))
register_acts("lines", CHANGED & of_rows(Budget, Line), _("Budgets and lines"))
