"""Contacts and companies are found by keys, on every database alike."""

import importlib

import pytest
from django.apps import apps

from tests.factories import CompanyFactory, ContactFactory
from videos.audience import contacts
from videos.audience.models import Company, Contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("known", "asked", "found"),
    [
        ("Ann@Buyer.example", " ann@BUYER.example ", True),
        ("\u00dcmit@buyer.example", "\u00fcmit@buyer.example", True),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example", True),
        ("fernh\u0131ll@buyer.example", "fernhill@buyer.example", False),
        ("fernh\u0131ll@buyer.example", "FERNHILL@buyer.example", False),
        ("ann@stra\u00dfe.example", "ann@strasse.example", False),
        ("", "", False),
    ],
)
def test_a_contact_is_found_by_the_key_of_the_address(known, asked, found):
    contact = ContactFactory(email=known)
    assert contacts.contact_by_email(asked) == (contact if found else None)


def test_a_company_is_found_by_the_key_of_its_domain():
    company = CompanyFactory(domain="B\u00dcCHER.example")
    CompanyFactory(domain="")
    assert contacts.company_by_domain("ann@b\u00fccher.EXAMPLE") == company
    assert contacts.company_by_domain("ann@bucher.example") is None
    assert contacts.company_by_domain("ann") is None


def test_a_company_of_the_same_name_in_other_letters_is_the_same():
    known = CompanyFactory(name="\u00d6LWERK")
    assert contacts.get_or_create_company(" \u00f6lwerk") == known
    assert contacts.get_or_create_company("Olwerk") != known


def test_a_key_follows_what_it_is_the_key_of():
    contact = ContactFactory(email="ann@buyer.example")
    contact.email = "Ben@buyer.example"
    contact.save()
    assert contacts.contact_by_email("ben@buyer.example") == contact
    assert contacts.contact_by_email("ann@buyer.example") is None


def test_the_migration_keys_what_was_there():
    migration = importlib.import_module(
        "videos.audience.migrations.0005_key_contacts_and_companies"
    )
    contact = ContactFactory(email="Ann@buyer.example", company__domain="Buyer.example")
    Contact.objects.update(email_key="")
    Company.objects.update(domain_key="", name_key="")
    migration.key_everything(apps, None)
    assert contacts.contact_by_email("ann@buyer.example") == contact
    assert contacts.company_by_domain("x@buyer.example") == contact.company
