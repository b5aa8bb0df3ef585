"""A deal hangs on its owner: matched at import or when the user is made, moved by people alone."""

import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import UserFactory
from tests.videos.deals.conftest import GOOD
from tests.videos.deals.factories import DealFactory
from videos.audience.models import Company, Contact
from videos.deals.access import own_deals
from videos.deals.models import Deal

pytestmark = pytest.mark.django_db


def big():
    return Deal.objects.get(public_id="D1")


def named(address):
    return GOOD["deals.csv"].replace("Rep@Studio.example", address)


def test_an_imported_deal_hangs_on_its_owner_by_key(folder, run):
    rep, other = UserFactory(email="rep@STUDIO.example"), UserFactory()
    run("import_crm", folder())
    assert (big().owner, big().owner_email) == (rep, "Rep@Studio.example")
    assert list(own_deals(rep)) == [big()]
    assert list(own_deals(other)) == []


@pytest.mark.parametrize("address", ["r\u0131p@studio.example", "rep@stud\u0131o.example"])
def test_a_dotless_i_owns_nobody_elses_deals(folder, run, address):
    rep, dotless = UserFactory(email=address.replace("\u0131", "i")), UserFactory(email=address)
    run("import_crm", folder(deals=named(rep.email.upper())))
    assert list(own_deals(dotless)) == []
    assert big().owner == rep


def test_a_deal_is_matched_when_the_user_is_made(folder, run):
    run("import_crm", folder())
    assert big().owner is None
    rep = UserFactory(email="REP@studio.example")
    assert big().owner == rep


def test_a_former_address_matches_at_import(folder, run):
    rep = UserFactory(email="rep@studio.example")
    rep.email = "married@studio.example"
    rep.save()
    run("import_crm", folder())
    assert big().owner == rep


def test_changing_an_address_moves_no_deals(folder, run):
    rep, admin = UserFactory(email="rep@studio.example"), UserFactory()
    run("import_crm", folder())
    nobodys = DealFactory(owner_email="ghost@studio.example")
    rep.email = "married@studio.example"
    rep.save()
    admin.email = "ghost@studio.example"
    admin.save()
    assert list(own_deals(rep)) == [big()]
    assert list(own_deals(admin)) == []
    nobodys.refresh_from_db()
    assert nobodys.owner is None


def test_an_unchanged_imported_address_changes_nothing(folder, run):
    rep, heir = UserFactory(email="rep@studio.example"), UserFactory()
    run("import_crm", folder())
    Deal.objects.filter(public_id="D1").update(owner=heir)
    again = run("import_crm", folder(deals=named("REP@studio.example ")))
    assert big().owner == heir
    assert again["deals.csv"]["created"] == 0
    run("import_crm", folder(deals=named(heir.email)))
    run("import_crm", folder(deals=named(rep.email)))
    assert big().owner == rep


def test_importing_the_same_twice_leaves_all_rows_unchanged(folder, run):
    UserFactory(email="rep@studio.example")
    path = folder()
    run("import_crm", path)
    again = run("import_crm", path)
    assert {name: count["unchanged"] for name, count in again.items()} == {
        "companies.csv": 1,
        "contacts.csv": 2,
        "deals.csv": 2,
        "deal_contacts.csv": 3,
        "rates.csv": 1,
    }


def test_imports_write_the_keys_of_contacts_and_companies(folder, run):
    run(
        "import_crm",
        folder(
            companies="company_id,name,domain\nK1,\u00d6LWERK,B\u00dcCHER.example\n",
            contacts="contact_id,email,name,company_id\nC1,Ann@B\u00dcCHER.example,Ann,K1\nC2,,,\n",
        ),
    )
    company = Company.objects.get(public_id="K1")
    assert (company.name_key, company.domain_key) == ("\u00f6lwerk", "xn--bcher-kva.example")
    assert Contact.objects.get(public_id="C1").email_key == "ann@xn--bcher-kva.example"


def test_a_manager_gives_a_deal_to_another(signed_in, folder, run):
    UserFactory(email="rep@studio.example")
    heir = UserFactory(role=Role.EXPERT)
    run("import_crm", folder())
    page = signed_in(UserFactory(role=Role.SALES_MANAGER)).post(
        reverse("deals_deals:edit", args=[big().pk]),
        {
            "name": "Big",
            "owner": heir.pk,
            "amount": "100",
            "currency": "EUR",
            "created_at": "2026-01-10T00:00",
            "reason": "She looks after them now.",
        },
    )
    assert page.status_code == 302
    assert (big().owner, big().owner_email) == (heir, "Rep@Studio.example")


def test_the_migration_hangs_deals_on_the_owners_they_name_and_back():
    migration = importlib.import_module("videos.deals.migrations.0005_match_the_owners")
    rep = UserFactory(email="Rep@studio.example")
    deal, nobodys = DealFactory(), DealFactory(owner_email="ghost@studio.example")
    Deal.objects.filter(pk=deal.pk).update(owner_email="REP@studio.example", owner_email_key="")
    migration.match_the_owners(apps, None)
    deal.refresh_from_db()
    nobodys.refresh_from_db()
    assert (deal.owner, deal.owner_email_key) == (rep, "rep@studio.example")
    assert nobodys.owner is None
    Deal.objects.filter(pk=deal.pk).update(owner=User.objects.create_user("heir@studio.example"))
    migration.name_the_owners(apps, None)
    deal.refresh_from_db()
    assert deal.owner_email == "heir@studio.example"
