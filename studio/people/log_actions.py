"""Log actions of users and invitations, and how they are displayed."""

from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext, gettext_lazy, ngettext
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.people import access_log
from studio.people.models import User
from studio.people.roles import Role
from studio.record import logged, of_rows, register_acts
from studio.spreadsheets import EXPORTED


def roles_in_words(data: dict[str, Any]) -> str:
    """The names of the granted roles in a log entry's data."""
    names = [
        str(Role(name).label) if name in Role.values else name
        for name in data.get(access_log.ROLES, ())
    ]
    return ", ".join([*names, gettext("Administrator")] if data.get("administrator") else names)


class GrantedFormatter(LogFormatter):
    """Formats the roles with which somebody was invited or joined."""

    def format_message(self, log_entry: Any) -> str:
        values = {"what": self.message, "roles": roles_in_words(log_entry.data or {})}
        return gettext("%(what)s as %(roles)s") % values


class RolesFormatter(LogFormatter):
    """Formats gained or lost roles; `message` has a placeholder for them."""

    message: Any = ""

    def format_message(self, log_entry: Any) -> str:
        return str(self.message) % {"roles": roles_in_words(log_entry.data or {})}


class HandedOverFormatter(LogFormatter):
    """Formats what was handed over to whom."""

    label = gettext_lazy("Hand over")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        text = ngettext(
            "Handed over to %(heir)s: %(kind)s, %(count)d thing",
            "Handed over to %(heir)s: %(kind)s, %(count)d things",
            data["count"],
        )
        return text % {name: data[name] for name in ("heir", "kind", "count")}


class AddressFormatter(LogFormatter):
    """Formats a changed e-mail address."""

    label = gettext_lazy("Change an address")

    def format_message(self, log_entry: Any) -> str:
        values = {"was": log_entry.data["was"], "now": log_entry.data["now"]}
        return gettext("Address changed from %(was)s to %(now)s") % values


GRANTED = {
    "people.invite": (gettext_lazy("Invite"), gettext_lazy("Invited")),
    "people.invite_again": (
        gettext_lazy("Send an invitation again"),
        gettext_lazy("Invited again"),
    ),
    "people.accept_invitation": (
        gettext_lazy("Accept an invitation"),
        gettext_lazy("Accepted the invitation"),
    ),
    "people.join": (gettext_lazy("Join"), gettext_lazy("Joined by an invitation")),
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
        gettext_lazy("End the administration"),
        gettext_lazy("No longer an administrator"),
    ),
    access_log.ACTIVATED: (gettext_lazy("Activate"), gettext_lazy("Activated")),
    access_log.DEACTIVATED: (gettext_lazy("Deactivate"), gettext_lazy("Deactivated")),
    access_log.SET_PASSWORD: (
        gettext_lazy("Set another's password"),
        gettext_lazy("Set their password"),
    ),
}


def register(actions: LogActionRegistry) -> None:
    """Register the log actions of users and invitations."""
    for formatter, acts in ((GrantedFormatter, GRANTED), (RolesFormatter, ROLES)):
        for action, (label, message) in acts.items():
            words = {"label": label, "message": message}
            actions.register_action(action)(type("Formatter", (formatter,), words))
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
register_acts("hand_over", logged("people.hand_over"), gettext_lazy("Given to another"))
