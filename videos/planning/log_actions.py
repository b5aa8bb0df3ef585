"""The entries that planning writes to Wagtail's log, and their texts."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.record import logged, register_acts
from videos.planning.models import Stage

STAGE_CHANGED = "planning.move"  # with `was` and `now`, as in the log's oldest entries


class StageTransitionFormatter(LogFormatter):
    """A change of stage, with its note."""

    label = gettext_lazy("Change a video's stage")

    def format_message(self, log_entry: Any) -> str:
        return _("Changed the stage from “%(from_stage)s” to “%(to_stage)s”") % {
            "from_stage": Stage(log_entry.data["was"]).label,
            "to_stage": Stage(log_entry.data["now"]).label,
        }

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data.get("note", ""))


def register_actions(actions: LogActionRegistry) -> None:
    """Register planning's actions with Wagtail's log."""
    actions.register_action(STAGE_CHANGED)(StageTransitionFormatter)
    for action, label, message in (
        ("book", gettext_lazy("Book a shoot"), gettext_lazy("Booked")),
        ("change", gettext_lazy("Change a shoot"), gettext_lazy("Changed")),
        ("cancel", gettext_lazy("Cancel a shoot"), pgettext_lazy("shoot", "Cancelled")),
    ):
        actions.register_action(f"planning.shoot.{action}", label, message)


register_acts(
    "stages",
    logged(STAGE_CHANGED)
    & (
        Q(data__now=Stage.CANCELLED.value)
        | Q(data__now=Stage.RETIRED.value)
        | Q(data__was=Stage.RETIRED.value)
    ),
    gettext_lazy("Videos cancelled, retired or put back"),
)
