"""Adds contacts to deals and removes them, and logs it.

On a closed deal, only a sales manager who does not own it may, with a reason. A contact from the
CRM that somebody removed here is not added again by imports, see `imports/reconcile.py`.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.changes import REASON
from studio.people.models import User
from videos.audience.models import Contact
from videos.deals.closed_deals import check_change
from videos.deals.models import Deal, DealContact, RemovedPart


class ContactRefused(ValidationError):
    """A contact cannot be added; the message says why."""


def add_contact(
    deal_id: int, contact: Contact, role: str, *, by: User, reason: str = ""
) -> DealContact:
    """Adds a contact to a deal in a role. Raises ContactRefused and ClosedDealRefused."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        why = check_change(deal, by=by, reason=reason)
        part, is_new = deal.deal_contacts.get_or_create(contact=contact, role=role)
        if not is_new:
            text = _("%(contact)s already has this role in the deal.")
            raise ContactRefused(text % {"contact": contact}, code="there")
        deal.removed_parts.filter(contact=contact, role=role).delete()
        log_contact(part, "deals.add_contact", by, why)
    return part


def remove_contact(deal_id: int, part_id: int, *, by: User, reason: str = "") -> DealContact:
    """Removes a contact from a deal. Raises ClosedDealRefused and DealContact.DoesNotExist."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=deal_id)
        why = check_change(deal, by=by, reason=reason)
        part = deal.deal_contacts.select_related("contact").get(pk=part_id)
        log_contact(part, "deals.remove_contact", by, why)
        if part.imported:
            RemovedPart.objects.create(deal=deal, contact=part.contact, role=part.role, by=by)
        part.delete()
    return part


def log_contact(part: DealContact, action: str, by: User, reason: str) -> None:
    """Logs that a contact was added or removed, with the status of the deal."""
    log(
        part.deal,
        action,
        user=by,
        data={
            "contact": part.contact.public_id,
            "role": part.role,
            "status": Deal.Status.OPEN if part.deal.is_open else part.deal.status,
            REASON: reason,
        },
    )
