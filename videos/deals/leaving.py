"""Who takes over the open deals of somebody who leaves."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from studio.people.leaving import Holding, register_holding
from studio.people.models import User
from studio.people.powers import holders_of
from videos.deals.models import DECIDING, Deal


def open_deals() -> QuerySet[Deal]:
    """Deals that somebody works on; closed ones stay with who closed them."""
    return Deal.objects.standing(Deal.Status.OPEN)


def hand_over_deals(rows: QuerySet[Deal], leaver: User, heir: User, by: User) -> None:
    """The deals hang on the heir; the imported addresses stay as they are."""
    for deal in rows.select_for_update().order_by("pk"):
        was = {name: getattr(deal, name) for name in DECIDING}
        deal.owner = heir
        deal.notes_change(was, by=by, at=timezone.now())
        deal.save(update_fields=["owner", "changed_at", "changed_by"])
        log(deal, "deals.hand_over", user=by, data={"was": str(leaver), "now": str(heir)})


def register() -> None:
    """Makes the page of who leaves ask for these."""
    register_holding(
        Holding(
            "deals",
            _("Open deals"),
            open_deals,
            "owner",
            hand_over_deals,
            lambda users: holders_of("deals.close_deal", users),
        )
    )
