"""Finds the contact of an e-mail address, and adds one who is not known yet."""

from django.db import transaction
from django.utils.timezone import now
from wagtail.log_actions import log

from studio.people.addresses import domain_key, email_key, name_key
from studio.people.models import User
from videos.audience.models import Company, Contact


def contact_of(email: str) -> Contact | None:
    """The contact with this address, by its key; the first one known where several are."""
    key = email_key(email)
    known = Contact.objects.filter(email_key=key).order_by("pk").first() if key else None
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
    key = domain_key(email.rpartition("@")[2])
    known = list(Company.objects.filter(domain_key=key)[:2]) if key else []
    return known[0] if len(known) == 1 else None


def company_named(name: str) -> Company:
    """The company with this name, by its key; a new one where none has it."""
    known = Company.objects.filter(name_key=name_key(name)).order_by("pk").first()
    return known or Company.objects.create(name=name)


def add_contact(name: str, email: str, company: Company | None, *, by: User) -> Contact:
    """A new contact, known since now. Without a company, the one of the address's domain."""
    with transaction.atomic():
        contact = Contact.objects.create(
            name=name, email=email, company=company or company_of(email), created_at=now()
        )
        log(contact, "wagtail.create", user=by)
    return contact
