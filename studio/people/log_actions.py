"""Log actions of users and invitations, and how they are displayed."""

from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext, gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.people import access_log
from studio.people.models import User
from studio.people.roles import label_of
from studio.record import logged, of_rows, register_acts
from studio.spreadsheets import EXPORTED


def roles_in_words(data: dict[str, Any]) -> str:
    """The names of the granted roles in a log entry's data."""
    names = [label_of(name) for name in data.get(access_log.ROLES, ())]
    return ", ".join([*names, gettext("Administrator")] if data.get("administrator") else names)


class RolesFormatter(LogFormatter):
    """Formats granted or lost roles; `message` has a placeholder for them."""

    message: Any = ""

    def format_message(self, log_entry: Any) -> str:
        return str(self.message) % {"roles": roles_in_words(log_entry.data or {})}


class HandedOverFormatter(LogFormatter):
    """Formats what was handed over to whom."""

    label = gettext_lazy("Hand over")

    def format_message(self, log_entry: Any) -> str:
        values = {name: log_entry.data[name] for name in ("heir", "kind", "count")}
        return gettext("Handed over to %(heir)s: %(kind)s (%(count)d)") % values


class AddressFormatter(LogFormatter):
    """Formats a changed e-mail address."""

    label = gettext_lazy("Change an address")

    def format_message(self, log_entry: Any) -> str:
        values = {"was": log_entry.data["was"], "now": log_entry.data["now"]}
        return gettext("Address changed from %(was)s to %(now)s") % values


INVITED = {
    "people.invite": (gettext_lazy("Invite"), gettext_lazy("Invited as %(roles)s")),
    "people.invite_again": (
        gettext_lazy("Send an invitation again"),
        gettext_lazy("Invited again as %(roles)s"),
    ),
    "people.accept_invitation": (
        gettext_lazy("Accept an invitation"),
        gettext_lazy("Accepted the invitation as %(roles)s"),
    ),
    "people.join": (gettext_lazy("Join"), gettext_lazy("Joined by an invitation as %(roles)s")),
}
ROLES = {
    access_log.GAVE_ROLES: (gettext_lazy("Give a role"), gettext_lazy("Given: %(roles)s")),
    access_log.TOOK_ROLES: (
        gettext_lazy("Take a role away"),
        gettext_lazy("Taken away: %(roles)s"),
    ),
}
PLAIN = {
    "people.first_run": (
        gettext_lazy("Make the first administrator"),
        gettext_lazy("Became the first administrator"),
    ),
    "people.withdraw_invitation": (
        gettext_lazy("Withdraw an invitation"),
        gettext_lazy("Withdrew the invitation"),
    ),
    access_log.MADE_ADMINISTRATOR: (
        gettext_lazy("Make an administrator"),
        gettext_lazy("Made an administrator"),
    ),
    access_log.ENDED_ADMINISTRATOR: (
        gettext_lazy("Remove an administrator"),
        gettext_lazy("No longer an administrator"),
    ),
    access_log.ACTIVATED: (gettext_lazy("Activate"), gettext_lazy("Activated")),
    access_log.DEACTIVATED: (gettext_lazy("Deactivate"), gettext_lazy("Deactivated")),
    access_log.SET_PASSWORD: (
        gettext_lazy("Set the password of another user"),
        gettext_lazy("Set their password"),
    ),
}


def register(actions: LogActionRegistry) -> None:
    """Register the log actions of users and invitations."""
    for action, (label, message) in (INVITED | ROLES).items():
        words = {"label": label, "message": message}
        actions.register_action(action)(type("Formatter", (RolesFormatter,), words))
    actions.register_action("people.hand_over")(HandedOverFormatter)
    actions.register_action("people.address")(AddressFormatter)
    for action, (label, message) in PLAIN.items():
        actions.register_action(action, label, message)


# Listed in the administrators' report

register_acts(
    "roles",
    logged(*ROLES, access_log.MADE_ADMINISTRATOR, access_log.ENDED_ADMINISTRATOR),
    gettext_lazy("Roles and administrators"),
)
register_acts(
    "people",
    logged("people.invite", "people.invite_again", "people.withdraw_invitation", "people.join")
    | logged("people.first_run", "people.address", access_log.SET_PASSWORD)
    | logged(access_log.ACTIVATED, access_log.DEACTIVATED)
    | (logged("wagtail.create", "wagtail.delete") & of_rows(User))
    | (logged("wagtail.create", "wagtail.edit", "wagtail.delete") & of_rows(Group)),
    gettext_lazy("People and groups"),
)
register_acts("exports", logged(EXPORTED), gettext_lazy("Exports and downloads"))
register_acts("hand_over", logged("people.hand_over"), gettext_lazy("Handed over"))
