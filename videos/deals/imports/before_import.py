"""Deals as they were before an import, and which of its rows somebody may not bring in.

The command imports from the CRM and changes closed deals as the CRM says. Files uploaded in the
browser could have been edited, so the rule for people applies: they may not change closed deals of
their own. See docs/decisions/0057-imports-of-own-closed-deals.md.
"""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from studio.people.models import User
from videos.deals.closed_deals import change_refusal
from videos.deals.closes import FIELDS
from videos.deals.imports.upsert import chunks
from videos.deals.models import FIELDS_IN_REPORTS, Deal

COMPARED_FIELDS = (
    "name",
    "company_id",
    "stage",
    *FIELDS_IN_REPORTS,
)  # besides CloseState


class DealsBeforeImport:
    """The existing deals that an import at `at` names; their rows are locked.

    `by` is the user who imports, None for the command.
    """

    def __init__(self, public_ids: Iterable[str], *, at: dt.datetime, by: User | None) -> None:
        self.at, self.by = at, by
        self.deals = {
            deal.public_id: deal
            for chunk in chunks(sorted(public_ids))
            for deal in Deal.objects.select_for_update()
            .order_by("pk")
            .filter(public_id__in=chunk)
            .only("public_id", "changed_at", "changed_by_id", *COMPARED_FIELDS, *FIELDS)
        }

    def had_closed(self, public_id: str) -> bool:
        """Whether the deal existed and was closed."""
        deal = self.deals.get(public_id)
        return (
            deal is not None
            and deal.close_state.is_closed
            and not deal.close_state.closes_after(self.at)
        )

    def is_changed_by(self, deal: Deal) -> bool:
        """Whether the import changes an existing deal."""
        was = self.deals[deal.public_id]
        differs = any(getattr(deal, name) != getattr(was, name) for name in COMPARED_FIELDS)
        return differs or deal.close_state != was.close_state

    def why_held(self, public_id: str, *, owner_id: int | None = None) -> str:
        """Returns why the user may not change a closed deal; empty if they may.

        `owner_id` is the owner that the import would set.
        """
        if self.by is None or not self.had_closed(public_id):
            return ""
        deal = self.deals[public_id]
        if refusal := change_refusal(deal, self.by):
            return refusal.messages[0]
        if owner_id == self.by.pk:
            text = _(
                "“%(deal)s” is closed and would become yours: another sales manager can change it."
            )
            return text % {"deal": deal.name}
        return ""
