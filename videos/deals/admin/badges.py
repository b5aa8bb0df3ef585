"""Badges of deals: each has a word and an icon besides its colour."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.ui.badges import Badge
from videos.deals.models import Deal
from videos.deals.reports.wording import format_day

STYLES = {
    Deal.Status.OPEN: ("time", "busy"),
    Deal.Status.WON: ("success", "good"),
    Deal.Status.LOST: ("circle-xmark", "bad"),
}


def deal_badge(deal: Deal) -> Badge:
    """The status of a deal."""
    status = Deal.Status(deal.status)
    if deal.closed_at and deal.closes_later:
        words = {"status": status.label, "day": format_day(timezone.localdate(deal.closed_at))}
        return Badge(_("%(status)s, closes on %(day)s") % words, "time", "busy")
    return Badge(status.label, *STYLES[status])


def entered_badge(deal: Deal) -> Badge | None:
    """Marks a deal entered by hand; None for imported ones."""
    return None if deal.imported else Badge(_("Entered by hand"), "edit", "quiet")


def changed_badge(deal: Deal) -> Badge | None:
    """Marks a deal whose amount, currency, owner or creation date changed after the close."""
    return (
        Badge(_("Changed after the close"), "warning", "busy") if deal.changed_after_close else None
    )


def late_badge(deal: Deal) -> Badge | None:
    """Marks a deal with a touch that depends on something known only after the close."""
    return Badge(_("Known after the close"), "warning", "busy") if deal.has_late_touches else None


def deal_marks(deal: Deal) -> list[Badge]:
    """All badges that a list shows besides the status."""
    marks = (earlier_close_badge, changed_badge, late_badge, entered_badge)
    return [badge for mark in marks if (badge := mark(deal))]


def earlier_close_badge(deal: Deal) -> Badge | None:
    """Marks a deal that closed more than once, or was reopened; None for others."""
    if deal.is_open:
        has_closed = deal.times_closed > int(deal.closes_later)
        return Badge(_("Reopened"), "history", "quiet") if has_closed else None
    if deal.times_closed < 2:
        return None
    if deal.times_closed == 2:
        return Badge(_("Closed twice"), "warning", "busy")
    text = ngettext("Closed %(count)d time", "Closed %(count)d times", deal.times_closed)
    return Badge(text % {"count": deal.times_closed}, "warning", "busy")
