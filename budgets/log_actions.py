"""What the budget writes into Wagtail's log, and how the log reads."""

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
OVERRODE = "budgets.override"
PERIOD_CLOSED = "budgets.close_period"


def log_override(entry: Entry) -> None:
    """Keeps in a line's history that somebody let a posting take it below zero, and why."""
    data = {
        "entry": entry.pk,
        "video": entry.video.title if entry.video else "",
        "minor": entry.minor,
        "available": entry.line.available,
        "currency": entry.line.currency,
        REASON: entry.override_reason,
    }
    log(entry.line, OVERRODE, user=entry.by, data=data)


class EarlierChangeFormatter(ChangeFormatter):
    """Rows of the log that are not written any more, and stay readable."""

    label = _("Change budgets, lines and periods")
    message = _("Edited")
    key = "changes"


class PostedAgainFormatter(LogFormatter):
    """Says which expense the new one looks like."""

    label = _("Post an expense that looks like another")

    def format_message(self, log_entry: Any) -> str:
        alike = Entry.objects.select_related("line__budget").get(pk=log_entry.data["alike"])
        text = gettext("Posted all the same: it looks like #%(key)s, %(entry)s of %(day)s.")
        values = {"key": alike.pk, "entry": alike, "day": date_format(alike.posted_on)}
        return text % values


class OverrideFormatter(LogFormatter):
    """Says by which posting a line went below zero."""

    label = _("Take a line below zero")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        text = (
            gettext(
                "Posted %(amount)s for “%(video)s” all the same: it left the line at %(available)s."
            )
            if data["video"]
            else gettext(
                "Changed what is approved by %(amount)s: it left the line at %(available)s."
            )
        )
        told = {
            "amount": shown(data["minor"], data["currency"]),
            "available": shown(data["available"], data["currency"]),
            "video": data["video"],
        }
        return text % told

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data[REASON])


def register(actions: LogActionRegistry) -> None:
    """Makes the log know what happens to budgets, lines and periods."""
    actions.register_action("budgets.change")(EarlierChangeFormatter)
    actions.register_action(POSTED_AGAIN)(PostedAgainFormatter)
    actions.register_action(OVERRODE)(OverrideFormatter)
    actions.register_action(PERIOD_CLOSED, _("Close a period"), _("Closed"))


# On the administrators' record

CHANGED = logged("wagtail.edit", "wagtail.delete", "budgets.change")
register_acts("overrides", logged(OVERRODE), _("Lines taken below zero"))
register_acts("periods", logged(PERIOD_CLOSED) | (CHANGED & of_rows(Period)), _("Periods"))
register_acts("lines", CHANGED & of_rows(Budget, Line), _("Budgets and lines"))
