"""What the review writes into the history of a video, and how it reads."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from studio.changes import REASON
from studio.record import logged, register_acts

COMMENT_DONE = "review.comment.done"
COMMENT_REOPENED = "review.comment.reopen"
APPROVAL_WITHDRAWN = "review.take_back"


class CommentFormatter(LogFormatter):
    """A comment on a cut was marked; `message` has a place for the cut's number."""

    message: Any = ""

    def format_message(self, log_entry: Any) -> str:
        return str(self.message) % {"number": log_entry.data["cut"]}

    def format_comment(self, log_entry: Any) -> str:
        return _("“%(text)s”") % {"text": log_entry.data["text"]}


class DoneFormatter(CommentFormatter):
    """Somebody marked a comment as done."""

    label = gettext_lazy("Mark a comment as done")
    message = gettext_lazy("Marked a comment on cut %(number)s as done")


class ReopenedFormatter(CommentFormatter):
    """Somebody opened a comment again."""

    label = gettext_lazy("Reopen a comment")
    message = gettext_lazy("Reopened a comment on cut %(number)s")


class TakenBackFormatter(LogFormatter):
    """Changes were asked for of a cut that had been approved."""

    label = gettext_lazy("Withdraw an approval")

    def format_message(self, log_entry: Any) -> str:
        told = {"number": log_entry.data["cut"], "who": log_entry.data["approved_by"]}
        return _("Withdrew the approval of cut %(number)s by %(who)s") % told

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data[REASON])


def register_actions(actions: LogActionRegistry) -> None:
    """Make the log know the review's actions."""
    actions.register_action(COMMENT_DONE)(DoneFormatter)
    actions.register_action(COMMENT_REOPENED)(ReopenedFormatter)
    actions.register_action(APPROVAL_WITHDRAWN)(TakenBackFormatter)


register_acts("approvals", logged(APPROVAL_WITHDRAWN), gettext_lazy("Approvals withdrawn"))
