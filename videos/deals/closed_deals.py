"""Who may change closed deals: a sales manager who does not own the deal, with a reason."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from studio.people.models import User
from videos.deals.access import AnyUser, may_change_closed
from videos.deals.models import Deal


class ClosedDealRefused(ValidationError):
    """A closed deal cannot be changed; the message says why, and who can change it."""


def check_change(deal: Deal, *, by: User, reason: str) -> str:
    """Returns the reason to log with a change; empty for an open deal. Raises ClosedDealRefused.

    The caller holds a lock on the deal's row.
    """
    if deal.is_open:
        return ""
    if refusal := change_refusal(deal, by):
        raise refusal
    if not reason.strip():
        text = _("“%(deal)s” is closed: enter a reason for the change. It is kept in the history.")
        raise ClosedDealRefused(text % {"deal": deal}, code="reason_missing")
    return reason.strip()


def change_refusal(deal: Deal, user: AnyUser) -> ClosedDealRefused | None:
    """Returns why the user may not change a closed deal; None if they may."""
    if may_change_closed(user, deal):
        return None
    if deal.owner_id == user.pk and user.has_perm("deals.change_closed_deal"):
        text = _("“%(deal)s” is closed and is your own: another sales manager can change it.")
        return ClosedDealRefused(text % {"deal": deal}, code="own")
    text = _(
        "“%(deal)s” is closed, and changes to it would change the reports. A sales manager can "
        "change or reopen it."
    )
    return ClosedDealRefused(text % {"deal": deal}, code="not_allowed")
