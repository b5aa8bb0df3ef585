"""How the status of a deal looks: a word and an icon, besides its colour."""

from videos.deals.models import Deal
from videos.planning.badges import Badge

LOOKS = {
    Deal.Status.OPEN: ("time", "busy"),
    Deal.Status.WON: ("success", "good"),
    Deal.Status.LOST: ("circle-xmark", "bad"),
}


def deal_badge(deal: Deal) -> Badge:
    """The badge of a deal."""
    status = Deal.Status(deal.status)
    return Badge(status.label, *LOOKS[status])
