"""What the history of a deal says: how it ended, opened again, and who was added to it."""

import datetime as dt
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.changes import quoted
from studio.clock import instant_text
from videos.audience.models import Contact


def instant(text: str | None) -> str:
    """An instant of a log entry, in the studio's time zone."""
    at = parse_datetime(text) if text else None
    return instant_text(at) if at else ""


def is_after(text: str, at: dt.datetime) -> bool:
    """Whether an instant of a log entry comes after another."""
    instant = parse_datetime(text)
    return instant is not None and instant > at


class ClosedFormatter(LogFormatter):
    """Says when the deal closed, who said so, and which close it takes the place of.

    A close that was still to come when the entry was made is said to be one.
    """

    done: Any = ""

    def format_message(self, log_entry: Any) -> str:
        said = [gettext("%(done)s.") % {"done": self.done}]
        if closed_at := log_entry.data.get("closed_at"):
            comes = is_after(closed_at, log_entry.timestamp)
            text = gettext("Closes on %(day)s.") if comes else gettext("Closed on %(day)s.")
            said.append(text % {"day": instant(closed_at)})
        if was := log_entry.data.get("was_closed_at"):
            text = (
                gettext("It was to close on %(day)s before.")
                if is_after(was, log_entry.timestamp)
                else gettext("It had closed on %(day)s before.")
            )
            said.append(text % {"day": instant(was)})
        if log_entry.data.get("by_import"):
            said.append(gettext("By an import from the CRM."))
        return " ".join(said)


class PartFormatter(LogFormatter):
    """Says whose part in the deal was added or removed, and whether the deal had closed by then."""

    done: Any = ""

    def format_message(self, log_entry: Any) -> str:
        public_id = log_entry.data.get("contact", "")
        contact = Contact.objects.filter(public_id=public_id).first()
        who = quoted(contact) if contact else gettext("somebody who is no longer here")
        said = [self.done % {"contact": who}]
        if role := log_entry.data.get("role"):
            said.append(gettext("Role: %(role)s.") % {"role": quoted(role)})
        if log_entry.data.get("status") != "open":
            said.append(gettext("The deal had closed."))
        return " ".join(said)


class HandedOverFormatter(LogFormatter):
    """Says from whom to whom a deal went."""

    label = gettext_lazy("Give a deal to another owner")

    def format_message(self, log_entry: Any) -> str:
        names = {side: quoted(log_entry.data[side]) for side in ("was", "now")}
        return gettext("Went from %(was)s to %(now)s.") % names


CLOSES = {
    "deals.won": (gettext_lazy("Mark a deal won"), gettext_lazy("Marked won")),
    "deals.lost": (gettext_lazy("Mark a deal lost"), gettext_lazy("Marked lost")),
    "deals.reopen": (gettext_lazy("Open a deal again"), gettext_lazy("Opened again")),
}
PARTS = {
    "deals.add_contact": (
        gettext_lazy("Add a contact to a deal"),
        gettext_lazy("Added %(contact)s."),
    ),
    "deals.remove_contact": (
        gettext_lazy("Remove a contact from a deal"),
        gettext_lazy("Removed %(contact)s."),
    ),
}


def register(actions: LogActionRegistry) -> None:
    """Makes the log know what happens to deals."""
    for formatter, acts in ((ClosedFormatter, CLOSES), (PartFormatter, PARTS)):
        for action, (label, done) in acts.items():
            kind = type("Formatter", (formatter,), {"label": label, "done": done})
            actions.register_action(action)(kind)
    actions.register_action("deals.hand_over")(HandedOverFormatter)
