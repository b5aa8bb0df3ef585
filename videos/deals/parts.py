"""Says which contacts take part in a deal, on record. Once it closed, a manager alone may."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.people.models import User
from videos.audience.models import Contact
from videos.deals.models import Deal, DealContact


class PartRefused(ValidationError):
    """Who takes part stays as it is; the message says why."""


def add_part(deal_id: int, contact: Contact, role: str, *, by: User) -> DealContact:
    """Makes a contact take part in a deal. Raises PartRefused."""
    with transaction.atomic():
        deal = changeable(deal_id, by)
        part, is_new = deal.deal_contacts.get_or_create(contact=contact, role=role)
        if not is_new:
            text = _("%(contact)s has this role in the deal already.")
            raise PartRefused(text % {"contact": contact}, code="there")
        on_record(part, "deals.add_contact", by)
    return part


def remove_part(deal_id: int, part_id: int, *, by: User) -> DealContact:
    """Takes a contact's part out of a deal. Raises PartRefused, DealContact.DoesNotExist."""
    with transaction.atomic():
        deal = changeable(deal_id, by)
        part = deal.deal_contacts.select_related("contact").get(pk=part_id)
        on_record(part, "deals.remove_contact", by)
        part.delete()
    return part


def changeable(deal_id: int, by: User) -> Deal:
    """The deal, locked, if the user may say who takes part in it. Raises PartRefused."""
    deal = Deal.objects.select_for_update().get(pk=deal_id)
    if not deal.is_open and not by.has_perm("deals.change_closed_deal"):
        text = _(
            "“%(deal)s” is closed: who takes part decides which views count for it. A sales "
            "manager can still change that."
        )
        raise PartRefused(text % {"deal": deal}, code="closed")
    return deal


def on_record(part: DealContact, action: str, by: User) -> None:
    """Keeps in the deal's history whose part was added or removed, and how the deal stood."""
    log(
        part.deal,
        action,
        user=by,
        data={
            "contact": part.contact.public_id,
            "role": part.role,
            "status": Deal.Status.OPEN if part.deal.is_open else part.deal.status,
        },
    )
