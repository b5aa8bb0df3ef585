"""Finds the contact of an e-mail address, and adds one who is not known yet."""

from django.db import transaction
from django.utils.timezone import now
from wagtail.log_actions import log

from studio.people.models import User
from videos.audience.models import Company, Contact


def contact_of(email: str) -> Contact | None:
    """The contact with this address, whatever its case; the first one known where several are."""
    known = Contact.objects.filter(email__iexact=email.strip()).order_by("pk").first()
    return standing(known) if known else None


def standing(contact: Contact) -> Contact:
    """The contact that this one was merged into in the CRM, or itself."""
    seen = {contact.pk}
    while contact.merged_into and contact.merged_into.pk not in seen:
        contact = contact.merged_into
        seen.add(contact.pk)
    return contact


def company_of(email: str) -> Company | None:
    """The company whose domain the address is in, where exactly one is known to be."""
    domain = email.rpartition("@")[2].strip()
    known = list(Company.objects.filter(domain__iexact=domain)[:2]) if domain else []
    return known[0] if len(known) == 1 else None


def add_contact(name: str, email: str, company: Company | None, *, by: User) -> Contact:
    """A new contact, known since now. Without a company, the one of the address's domain."""
    with transaction.atomic():
        contact = Contact.objects.create(
            name=name, email=email, company=company or company_of(email), created_at=now()
        )
        log(contact, "wagtail.create", user=by)
    return contact
