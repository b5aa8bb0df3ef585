"""Hands over the open deals of a user who leaves."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from studio.people.access import holders_of
from studio.people.leaving import Holding, register_holding
from studio.people.models import User
from videos.deals.models import FIELDS_IN_REPORTS, Deal


def open_deals() -> QuerySet[Deal]:
    """Open deals; closed ones stay with their owner."""
    return Deal.objects.with_status(Deal.Status.OPEN)


def hand_over_deals(rows: QuerySet[Deal], leaver: User, heir: User, by: User) -> None:
    """Makes the heir the owner of the deals; imported addresses do not change."""
    for deal in rows.select_for_update().order_by("pk"):
        was = {name: getattr(deal, name) for name in FIELDS_IN_REPORTS}
        deal.owner = heir
        deal.note_change(was, by=by, at=timezone.now())
        deal.save(update_fields=["owner", "changed_at", "changed_by"])
        log(deal, "deals.hand_over", user=by, data={"was": str(leaver), "now": str(heir)})


def register() -> None:
    """Registers open deals with the page for users who leave."""
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
