"""How the status of a deal looks: a word and an icon, besides its colour."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.deals.models import Deal
from videos.deals.wording import day_in_words
from videos.planning.badges import Badge

LOOKS = {
    Deal.Status.OPEN: ("time", "busy"),
    Deal.Status.WON: ("success", "good"),
    Deal.Status.LOST: ("circle-xmark", "bad"),
}


def deal_badge(deal: Deal) -> Badge:
    """The badge of a deal."""
    status = Deal.Status(deal.status)
    if deal.closed_at and deal.closes_later:
        words = {"status": status.label, "day": day_in_words(timezone.localdate(deal.closed_at))}
        return Badge(_("%(status)s, closes on %(day)s") % words, "time", "busy")
    return Badge(status.label, *LOOKS[status])


def entered_badge(deal: Deal) -> Badge | None:
    """Says that a deal was entered by hand; None for imported ones."""
    return None if deal.imported else Badge(_("Entered by hand"), "edit", "quiet")


def changed_badge(deal: Deal) -> Badge | None:
    """Says that what decides a deal's numbers changed after its close; None for others."""
    return (
        Badge(_("Changed after the close"), "warning", "busy") if deal.changed_after_close else None
    )


def late_badge(deal: Deal) -> Badge | None:
    """Says that a touch hangs on something known after the close; None for others."""
    return Badge(_("Known after the close"), "warning", "busy") if deal.has_late_touches else None


def deal_marks(deal: Deal) -> list[Badge]:
    """All that a list says of a deal besides its status."""
    marks = (earlier_close_badge, changed_badge, late_badge, entered_badge)
    return [badge for mark in marks if (badge := mark(deal))]


def earlier_close_badge(deal: Deal) -> Badge | None:
    """Says that a deal closed more than once, or that an open one had closed; None for others."""
    if deal.is_open:
        has_closed = deal.times_closed > int(deal.closes_later)
        return Badge(_("Opened again"), "history", "quiet") if has_closed else None
    if deal.times_closed < 2:
        return None
    if deal.times_closed == 2:
        return Badge(_("Closed twice"), "warning", "busy")
    text = ngettext("Closed %(count)d time", "Closed %(count)d times", deal.times_closed)
    return Badge(text % {"count": deal.times_closed}, "warning", "busy")
