"""What media writes into Wagtail's log, and how the log reads."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import LogActionRegistry, LogFormatter

SOUND_CHOSEN = "media.sound"
CAPTIONS_REMOVED = "media.captions.remove"
UPLOAD_ENDED = "media.upload.end"
CUT_REMOVED = "media.cut.remove"


class SoundFormatter(LogFormatter):
    """Another track of a cut's source is to be heard."""

    label = gettext_lazy("Choose a sound")

    def format_message(self, log_entry: Any) -> str:
        return _("Chose the sound of cut %(number)d") % {"number": log_entry.data["cut"]}

    def format_comment(self, log_entry: Any) -> str:
        told = {"was": log_entry.data["was"], "now": log_entry.data["now"]}
        return _("From “%(was)s” to “%(now)s”") % told if told["was"] else str(told["now"])


class RemovedFormatter(LogFormatter):
    """Captions of a cut were taken away."""

    label = gettext_lazy("Remove captions")

    def format_message(self, log_entry: Any) -> str:
        told = {"language": log_entry.data["language"], "number": log_entry.data["cut"]}
        if told["number"] is None:
            return _("Removed %(language)s captions of a cut without a number") % told
        return _("Removed the %(language)s captions of cut %(number)d") % told

    def format_comment(self, log_entry: Any) -> str:
        lines: int = log_entry.data["lines"]
        return ngettext("%(count)d line", "%(count)d lines", lines) % {"count": lines}


class EndedFormatter(LogFormatter):
    """Somebody's upload was ended for its room."""

    label = gettext_lazy("End an upload")

    def format_message(self, log_entry: Any) -> str:
        told = {"name": log_entry.data["name"], "who": log_entry.data["by"]}
        return _("Ended the upload of “%(name)s” by %(who)s") % told

    def format_comment(self, log_entry: Any) -> str:
        return _("%(received)s of %(bytes)s had arrived.") % {
            "received": filesizeformat(log_entry.data["received"]),
            "bytes": filesizeformat(log_entry.data["bytes"]),
        }


class CutRemovedFormatter(LogFormatter):
    """A file that came to nothing was removed."""

    label = gettext_lazy("Remove a cut")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        told = {"name": data["name"], "number": data["cut"], "who": data["by"]}
        if data["cut"] is None:
            return _("Removed the file “%(name)s” that %(who)s uploaded") % told
        return _("Removed cut %(number)d, the file “%(name)s” that %(who)s uploaded") % told

    def format_comment(self, log_entry: Any) -> str:
        reason: str = log_entry.data["reason"]
        return reason or _("The work on it was cancelled.")


def register_actions(actions: LogActionRegistry) -> None:
    """Make the log know media's actions."""
    actions.register_action(SOUND_CHOSEN)(SoundFormatter)
    actions.register_action(CAPTIONS_REMOVED)(RemovedFormatter)
    actions.register_action(UPLOAD_ENDED)(EndedFormatter)
    actions.register_action(CUT_REMOVED)(CutRemovedFormatter)
