"""Log actions of deals and imports, and how the history shows them."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.changes import REASON, quoted
from studio.clock import instant_text
from studio.record import by_somebody, is_not, is_true, logged, of_rows, register_acts
from videos.audience.models import Company, Contact
from videos.deals.models import Deal

CLOSED = "closed"  # key in a log entry's data: whether the deal had closed by then


def instant(text: str | None) -> str:
    """Formats an instant of a log entry, in the studio's time zone."""
    at = parse_datetime(text) if text else None
    return instant_text(at) if at else ""


def is_after(text: str, at: dt.datetime) -> bool:
    """Whether an instant of a log entry is after `at`."""
    instant = parse_datetime(text)
    return instant is not None and instant > at


def reason_of(log_entry: Any) -> list[str]:
    """Returns the sentence with the reason, if one was given."""
    reason = log_entry.data.get(REASON)
    return [gettext("Reason: %(reason)s.") % {"reason": quoted(reason)}] if reason else []


class ReasonedFormatter(LogFormatter):
    """Formats what was done to a deal, deal_touches by the reason."""

    def sentences(self, log_entry: Any) -> list[str]:
        """The sentences on what was done."""
        raise NotImplementedError

    def format_message(self, log_entry: Any) -> str:
        return " ".join([*self.sentences(log_entry), *reason_of(log_entry)])

    def format_without_reason(self, log_entry: Any) -> str:
        """The message for lists that show the reason in a column of its own."""
        return " ".join(self.sentences(log_entry))


class ClosedFormatter(ReasonedFormatter):
    """Formats a close: when, whether by an import, and which close it replaces.

    A close that was in the future when the entry was logged is shown as such.
    """

    done: Any = ""

    def sentences(self, log_entry: Any) -> list[str]:
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
        return said


class DealContactFormatter(ReasonedFormatter):
    """Formats which contact was added or removed, and whether the deal was closed."""

    done: Any = ""

    def sentences(self, log_entry: Any) -> list[str]:
        public_id = log_entry.data.get("contact", "")
        contact = Contact.objects.filter(public_id=public_id).first()
        who = quoted(contact) if contact else gettext("a deleted contact")
        said = [self.done % {"contact": who}]
        if role := log_entry.data.get("role"):
            said.append(gettext("Role: %(role)s.") % {"role": quoted(role)})
        if log_entry.data.get("status") != "open":
            said.append(gettext("The deal was closed."))
        if log_entry.data.get("by_import"):
            said.append(gettext("By an import from the CRM."))
        return said


class HandedOverFormatter(LogFormatter):
    """Formats a change of owner."""

    label = gettext_lazy("Give a deal to another owner")

    def format_message(self, log_entry: Any) -> str:
        names = {side: quoted(log_entry.data[side]) for side in ("was", "now")}
        return gettext("Handed over from %(was)s to %(now)s.") % names


CLOSES = {
    "deals.won": (gettext_lazy("Mark a deal won"), gettext_lazy("Marked won")),
    "deals.lost": (gettext_lazy("Mark a deal lost"), gettext_lazy("Marked lost")),
    "deals.reopen": (gettext_lazy("Reopen a deal"), gettext_lazy("Reopened")),
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


class ImportedFormatter(LogFormatter):
    """Formats how many rows of which files were new or changed, and what deserves attention."""

    label = gettext_lazy("Import files")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        said = [
            gettext("%(file)s: %(created)d new, %(updated)d changed") % {"file": file, **count}
            for file, count in sorted((data.get("counts") or {}).items())
        ]
        for key, text in NOTE_COUNTS.items():
            if count := data.get(key):
                said.append(text % {"count": count})
        return ". ".join([gettext("Imported"), *said])


NOTE_COUNTS = {
    "left_out": gettext_lazy("Rows left out: %(count)d"),
    "closed": gettext_lazy("Closed deals changed: %(count)d"),
    "overruled": gettext_lazy("Corrections overruled: %(count)d"),
    "kept": gettext_lazy("Corrections kept: %(count)d"),
}
IMPORTS = {
    "deals.upload_import": (gettext_lazy("Upload files to import"), gettext_lazy("Uploaded")),
    "deals.drop_import": (gettext_lazy("Discard an import"), gettext_lazy("Discarded")),
}


def register(actions: LogActionRegistry) -> None:
    """Registers the log actions of deals and imports."""
    for formatter, acts in ((ClosedFormatter, CLOSES), (DealContactFormatter, PARTS)):
        for action, (label, done) in acts.items():
            kind = type("Formatter", (formatter,), {"label": label, "done": done})
            actions.register_action(action)(kind)
    actions.register_action("deals.hand_over")(HandedOverFormatter)
    actions.register_action("deals.import")(ImportedFormatter)
    for action, (label, message) in IMPORTS.items():
        actions.register_action(action, label, message)


# On the administrators' record: what people did, also by an import in the browser. What the command
# imports has no user and is not on it.

WON, LOST = Deal.Status.WON.value, Deal.Status.LOST.value
EARLIER = Q(data__closed__isnull=True)  # logged before this key existed
EDITED = logged("wagtail.edit") & of_rows(Deal)
register_acts(
    "hand_over",
    logged("deals.hand_over") | (EDITED & by_somebody() & Q(data__changed__owner__isnull=False)),
)
register_acts(
    "closed_deals",
    by_somebody()
    & (
        (logged(*CLOSES) & (is_true(CLOSED) | (EARLIER & (Q(data__was=WON) | Q(data__was=LOST)))))
        | (logged(*PARTS) & (Q(data__status=WON) | Q(data__status=LOST)))
        | (EDITED & (Q(data__reason__isnull=False) | is_true(CLOSED)))
    ),
    gettext_lazy("Closed deals reopened or changed"),
)
BY_HAND = by_somebody() & is_not("by_import")
register_acts(
    "corrections",
    BY_HAND & logged("wagtail.edit", "wagtail.delete") & of_rows(Deal, Contact, Company),
    gettext_lazy("Corrections of deals, contacts and companies"),
)
register_acts("imports", logged("deals.import"), gettext_lazy("Imports"))
