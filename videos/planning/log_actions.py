"""What planning writes into Wagtail's log, and how the log reads."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from videos.planning.models import Stage


class MoveFormatter(LogFormatter):
    """A move from stage to stage, with its note."""

    label = gettext_lazy("Move to another stage")

    def format_message(self, log_entry: Any) -> str:
        return _("Moved from “%(was)s” to “%(now)s”") % {
            "was": Stage(log_entry.data["was"]).label,
            "now": Stage(log_entry.data["now"]).label,
        }

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data.get("note", ""))


def register_actions(actions: LogActionRegistry) -> None:
    """Make the log know planning's actions."""
    actions.register_action("planning.move")(MoveFormatter)
    for action, label, message in (
        ("book", gettext_lazy("Book a shoot"), gettext_lazy("Booked")),
        ("change", gettext_lazy("Change a shoot"), gettext_lazy("Changed")),
        ("cancel", gettext_lazy("Cancel a shoot"), gettext_lazy("Cancelled")),
    ):
        actions.register_action(f"planning.shoot.{action}", label, message)
