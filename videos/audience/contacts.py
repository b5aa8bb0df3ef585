"""Looks up contacts and companies, and adds new ones."""

from django.db import transaction
from django.utils.timezone import now
from wagtail.log_actions import log

from studio.people.addresses import domain_key, email_key, name_key
from studio.people.models import User
from videos.audience.models import Company, Contact


def contact_by_email(email: str) -> Contact | None:
    """The contact with this address, compared by its key; the oldest of several."""
    key = email_key(email)
    known = Contact.objects.filter(email_key=key).order_by("pk").first() if key else None
    return canonical_contact(known) if known else None


def canonical_contact(contact: Contact) -> Contact:
    """The contact that this one was merged into in the CRM, or the contact itself."""
    seen = {contact.pk}
    while contact.merged_into and contact.merged_into.pk not in seen:
        contact = contact.merged_into
        seen.add(contact.pk)
    return contact


def company_by_domain(email: str) -> Company | None:
    """The company with the address's domain, if there is exactly one."""
    key = domain_key(email.rpartition("@")[2])
    known = list(Company.objects.filter(domain_key=key)[:2]) if key else []
    return known[0] if len(known) == 1 else None


def get_or_create_company(name: str) -> Company:
    """The company with this name, compared by its key; created if there is none."""
    known = Company.objects.filter(name_key=name_key(name)).order_by("pk").first()
    return known or Company.objects.create(name=name)


def add_contact(name: str, email: str, company: Company | None, *, by: User) -> Contact:
    """Add a contact. Without a company, the one with the address's domain is used."""
    with transaction.atomic():
        contact = Contact.objects.create(
            name=name, email=email, company=company or company_by_domain(email), created_at=now()
        )
        log(contact, "wagtail.create", user=by)
    return contact
