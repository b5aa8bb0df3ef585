"""Log actions of media, and how the log shows them."""

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.record import logged, register_acts

SOUND_CHOSEN = "media.sound"
CAPTIONS_REMOVED = "media.captions.remove"
UPLOAD_ENDED = "media.upload.end"
CUT_REMOVED = "media.cut.remove"
DOWNLOADED = "media.download"


class SoundFormatter(LogFormatter):
    """Another audio track of a cut was chosen."""

    label = gettext_lazy("Choose an audio track")

    def format_message(self, log_entry: Any) -> str:
        return _("Chose the audio track of cut %(number)d") % {"number": log_entry.data["cut"]}

    def format_comment(self, log_entry: Any) -> str:
        told = {"was": log_entry.data["was"], "now": log_entry.data["now"]}
        return _("From “%(was)s” to “%(now)s”") % told if told["was"] else str(told["now"])


class RemovedFormatter(LogFormatter):
    """Captions of a cut were removed."""

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
    """Somebody's upload was cancelled to free space."""

    label = gettext_lazy("Cancel an upload")

    def format_message(self, log_entry: Any) -> str:
        told = {"name": log_entry.data["name"], "who": log_entry.data["by"]}
        return _("Cancelled the upload of “%(name)s” by %(who)s") % told

    def format_comment(self, log_entry: Any) -> str:
        return _("%(received)s of %(bytes)s had arrived.") % {
            "received": filesizeformat(log_entry.data["received"]),
            "bytes": filesizeformat(log_entry.data["bytes"]),
        }


class CutRemovedFormatter(LogFormatter):
    """A cut was removed."""

    label = gettext_lazy("Remove a cut")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        told = {"name": data["name"], "number": data["cut"], "who": data["by"]}
        if data["cut"] is None:
            return _("Removed the file “%(name)s” that %(who)s uploaded") % told
        return _("Removed cut %(number)d, the file “%(name)s” that %(who)s uploaded") % told

    def format_comment(self, log_entry: Any) -> str:
        reason: str = log_entry.data["reason"]
        return reason or _("Its processing was cancelled.")


class DownloadedFormatter(LogFormatter):
    """The source or the MP4 of a cut was downloaded."""

    label = gettext_lazy("Download a cut")

    def format_message(self, log_entry: Any) -> str:
        data = log_entry.data
        if not data["is_source"]:
            return _("Downloaded cut %(cut)d as MP4") % {"cut": data["cut"]}
        if data["cut"] is None:
            return _("Downloaded the original of a file without a number")
        return _("Downloaded the original of cut %(cut)d") % {"cut": data["cut"]}

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data["name"])


def register_actions(actions: LogActionRegistry) -> None:
    """Register the log actions of media."""
    actions.register_action(SOUND_CHOSEN)(SoundFormatter)
    actions.register_action(CAPTIONS_REMOVED)(RemovedFormatter)
    actions.register_action(UPLOAD_ENDED)(EndedFormatter)
    actions.register_action(CUT_REMOVED)(CutRemovedFormatter)
    actions.register_action(DOWNLOADED)(DownloadedFormatter)


register_acts("exports", logged(DOWNLOADED))
register_acts(
    "removals",
    logged(CUT_REMOVED, CAPTIONS_REMOVED, UPLOAD_ENDED),
    gettext_lazy("Cuts, captions and uploads removed"),
)
