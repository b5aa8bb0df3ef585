"""People put deals right, on record, and no import takes that back until the CRM itself changes."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from studio.people.roles import Role
from tests.factories import CompanyFactory, ContactFactory, UserFactory
from tests.videos.deals.conftest import GOOD
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.audience.models import Company, Contact
from videos.deals.closed_deals import ClosedDealRefused, check_change
from videos.deals.deal_contacts import add_contact, remove_contact
from videos.deals.deal_status import close, reopen
from videos.deals.imports.corrections import digits, still_valid
from videos.deals.models import Correction, Deal, DealContact, RemovedPart
from videos.deals.urls_for import deal_url

pytestmark = pytest.mark.django_db
OPEN = GOOD["deals.csv"].replace("won,signed", "open,signed")


def deals(**changed):
    """deals.csv with D1 open, and some of its texts replaced."""
    text = OPEN
    for was, now in changed.items():
        text = text.replace(f",{was.replace('_', '.')},", f",{now},")
    return text


def edit(client, deal, **changed):
    """Sends the form of a deal as a rep sees it, with some fields changed."""
    sent = {
        "name": deal.name,
        "company": deal.company_id or "",
        "stage": deal.stage,
        "amount": "" if deal.amount is None else f"{deal.amount:f}",
        "currency": deal.currency,
        **changed,
    }
    return client.post(reverse("deals_deals:edit", args=[deal.pk]), sent)


@pytest.fixture
def rep(expert_user):
    return expert_user


@pytest.fixture
def imported(folder, run, rep):
    """D1 of the CRM: the rep's, open, 100.00 EUR."""
    run("import_crm", folder(deals=OPEN))
    Deal.objects.filter(public_id="D1").update(owner=rep)
    return Deal.objects.get(public_id="D1")


@pytest.fixture
def corrected(imported, signed_in, rep):
    """The same, which the rep corrected to 90 EUR."""
    assert edit(signed_in(rep), imported, amount="90").status_code == 302
    imported.refresh_from_db()
    return imported


# Who may


def test_a_rep_corrects_own_open_deals_on_record(signed_in, rep):
    deal = DealFactory(owner=rep, name="Kiln", stage="first call")
    company = CompanyFactory(name="Acme")
    sent = {"amount": "90.50", "stage": "offer", "company": company.pk, "name": "Kilns"}
    was = deal.company
    assert edit(signed_in(rep), deal, **sent)["Location"] == deal_url(deal)
    deal.refresh_from_db()
    assert (deal.amount, deal.stage, deal.company, deal.owner) == (
        Decimal("90.50"),
        "offer",
        company,
        rep,
    )
    (entry,) = ModelLogEntry.objects.for_instance(deal).filter(action="wagtail.edit")
    assert entry.user == rep
    assert entry.message == (
        f"Edited. Name: “Kiln” → “Kilns”. Company: “{was} (#{was.pk})” → “Acme (#{company.pk})”. "
        "Sales stage: “first call” → “offer”. Amount: “1000.00” → “90.50”."
    )
    history = signed_in(rep).get(reverse("deals_deals:history", args=[deal.pk]))
    assert entry.message in [one.message for one in history.context["object_list"]]


def test_a_rep_changes_neither_whose_a_deal_is_nor_when_it_was_created(signed_in, rep):
    deal = DealFactory(owner=rep)
    created_at = deal.created_at
    edit(signed_in(rep), deal, owner=UserFactory().pk, created_at="2020-01-01T00:00", stage="x")
    deal.refresh_from_db()
    assert (deal.owner, deal.created_at, deal.stage) == (rep, created_at, "x")


def test_a_rep_corrects_nobody_elses_deal(signed_in, rep):
    deal = DealFactory(owner=UserFactory(role=Role.EXPERT))
    assert edit(signed_in(rep), deal, amount="1").status_code in {302, 404}
    deal.refresh_from_db()
    assert deal.amount == 1000


def test_a_closed_deal_stays_for_its_rep_who_reads_who_can_change_it(signed_in, rep):
    deal = close(DealFactory(owner=rep).pk, Deal.Status.WON, by=rep)
    client = signed_in(rep)
    for answer in (
        client.get(reverse("deals_deals:edit", args=[deal.pk])),
        edit(client, deal, amount="9000", reason="I want to."),
    ):
        assert answer["Location"] == deal_url(deal)
        assert "A sales manager can change or reopen it" in client.get(deal_url(deal)).text
    deal.refresh_from_db()
    assert deal.amount == 1000
    assert reverse("deals_deals:edit", args=[deal.pk]) not in client.get(deal_url(deal)).text


def test_a_sales_manager_changes_a_closed_deal_for_a_reason_that_stays(
    signed_in, rep, sales_manager
):
    deal = close(DealFactory(owner=rep).pk, Deal.Status.WON, by=rep)
    client = signed_in(sales_manager)
    created = timezone.localtime(deal.created_at).strftime("%Y-%m-%dT%H:%M:%S.%f")
    sent = {"amount": "1200", "owner": rep.pk, "created_at": created}
    assert "the reason is kept in its history" in edit(client, deal, **sent).text
    deal.refresh_from_db()
    assert deal.amount == 1000
    assert edit(client, deal, **sent, reason="The order says so.").status_code == 302
    deal.refresh_from_db()
    assert (deal.amount, deal.changed_after_close) == (1200, True)
    entry = ModelLogEntry.objects.for_instance(deal).get(action="wagtail.edit")
    assert entry.message == ("Edited. Amount: “1000.00” → “1200”. Reason: “The order says so.”.")


def test_nobody_changes_an_own_closed_deal_not_even_a_sales_manager(signed_in, sales_manager):
    contact = ContactFactory()
    deal = DealFactory(owner=sales_manager)
    part = DealContactFactory(deal=deal)
    close(deal.pk, Deal.Status.WON, by=sales_manager)
    client = signed_in(sales_manager)
    edit(client, deal, amount="9000", reason="Mine.")
    assert "another sales manager can change it" in client.get(deal_url(deal)).text
    for act in (
        lambda: add_contact(deal.pk, contact, "", by=sales_manager, reason="Mine."),
        lambda: remove_contact(deal.pk, part.pk, by=sales_manager, reason="Mine."),
        lambda: reopen(deal.pk, by=sales_manager, reason="Mine."),
    ):
        with pytest.raises(ClosedDealRefused, match="another sales manager can"):
            act()
    deal.refresh_from_db()
    assert (deal.amount, deal.status, list(deal.deal_contacts.all())) == (1000, "won", [part])


def test_nobody_makes_a_closed_deal_their_own(signed_in, rep, sales_manager):
    deal = close(DealFactory(owner=rep).pk, Deal.Status.WON, by=rep)
    created = timezone.localtime(deal.created_at).strftime("%Y-%m-%dT%H:%M:%S.%f")
    sent = {"owner": sales_manager.pk, "created_at": created, "reason": "Mine."}
    assert "You cannot take over a closed deal" in edit(signed_in(sales_manager), deal, **sent).text
    deal.refresh_from_db()
    assert deal.owner == rep


def test_an_open_deal_needs_no_reason(rep):
    assert check_change(DealFactory(owner=rep), by=rep, reason="") == ""


# Imports


def test_an_import_keeps_a_correction_until_the_crms_own_value_changes(corrected, folder, run):
    again = run("import_crm", folder(deals=OPEN))
    assert again["deals.csv"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert again["corrections"] == {"kept": 1, "overruled": []}
    corrected.refresh_from_db()
    assert corrected.amount == 90

    other = run("import_crm", folder(deals=OPEN.replace("signed", "paid")))
    corrected.refresh_from_db()
    assert (corrected.amount, corrected.stage) == (90, "paid")
    assert other["corrections"]["kept"] == 1

    changed = run("import_crm", folder(deals=OPEN.replace("100.00", "120.00")))
    corrected.refresh_from_db()
    assert corrected.amount == 120
    assert changed["corrections"] == {
        "kept": 0,
        "overruled": [
            {
                "kind": "deal",
                "id": "D1",
                "what": "Amount",
                "ours": "90.00\N{NO-BREAK SPACE}EUR",
                "crm": "120.00\N{NO-BREAK SPACE}EUR",
                "by": Correction.objects.get().by.email,
            }
        ],
    }
    once_more = run("import_crm", folder(deals=OPEN.replace("100.00", "120.00")))
    assert "corrections" not in once_more


def test_what_the_crm_changed_is_said_on_the_deal_and_to_who_corrected_it(
    corrected, folder, run, rep, signed_in, django_capture_on_commit_callbacks
):
    client = signed_in(rep)
    assert "In the CRM: 100.00" in client.get(deal_url(corrected)).text.replace("\xa0", " ")
    run("import_crm", folder(deals=OPEN.replace("100.00", "120.00")))
    page = client.get(deal_url(corrected)).text.replace("\xa0", " ")
    assert "the value changed in the CRM and replaced the correction: 120.00 EUR" in page
    (told,) = mail.outbox
    assert told.to == [rep.email]
    assert told.subject == "The CRM changed a value that you had corrected"
    assert "“Big”, Amount: 90.00\xa0EUR" in told.body
    assert deal_url(corrected) in told.body
    Correction.objects.update(overruled_at=timezone.now() - dt.timedelta(days=31))
    assert "replaced the correction" not in client.get(deal_url(corrected)).text


def test_what_the_crm_changed_is_mailed_in_the_language_of_who_corrected_it(
    corrected, folder, run, rep
):
    UserProfile.objects.update_or_create(user=rep, defaults={"preferred_language": "de"})
    run("import_crm", folder(deals=OPEN.replace("100.00", "1085.50")))
    (told,) = mail.outbox
    text = told.body.replace("\xa0", " ")
    assert "90,00 EUR" in text
    assert "1.085,50 EUR" in text


def test_a_refused_import_tells_nobody(corrected, folder, refused):
    bad = OPEN.replace("100.00", "120.00") + "D3,,,,maybe,,,,,\n"
    refused("import_crm", folder(deals=bad))
    corrected.refresh_from_db()
    assert (corrected.amount, mail.outbox) == (90, [])
    assert Correction.objects.get().overruled_at is None


def test_the_command_says_what_was_kept_and_what_was_overruled(corrected, folder, capsys):
    from django.core.management import call_command

    call_command("import_crm", folder(deals=OPEN))
    assert "1 correction made here was kept." in capsys.readouterr().out
    call_command("import_crm", folder(deals=OPEN.replace("100.00", "120.00")))
    said = capsys.readouterr().out.replace("\xa0", " ")
    assert "The CRM changed: “Big”, Amount: 90.00 EUR, corrected by" in said


def test_a_value_that_is_the_crms_again_is_no_correction(corrected, folder, run, signed_in, rep):
    edit(signed_in(rep), corrected, amount="100.0")
    assert not Correction.objects.exists()
    edit(signed_in(rep), corrected, amount="95")
    run("import_crm", folder(deals=OPEN.replace("100.00", "95.000")))  # corrected there, too
    assert not Correction.objects.exists()
    assert mail.outbox == []


def test_a_second_correction_waits_for_the_same_value_of_the_crm(
    corrected, folder, run, signed_in, rep
):
    edit(signed_in(rep), corrected, amount="80")
    run("import_crm", folder(deals=OPEN))
    corrected.refresh_from_db()
    assert corrected.amount == 80
    run("import_crm", folder(deals=OPEN.replace("100.00", "120")))
    corrected.refresh_from_db()
    edit(signed_in(rep), corrected, amount="110")
    correction = Correction.objects.get()
    assert (correction.crm, correction.ours, correction.overruled_at) == (
        ["120", "EUR"],
        ["110", "EUR"],
        None,
    )


def test_an_amount_and_its_currency_are_corrected_as_one(corrected, folder, run):
    run("import_crm", folder(deals=OPEN.replace("100.00,EUR", "100.00,USD")))
    corrected.refresh_from_db()
    assert (corrected.amount, corrected.currency) == (100, "USD")


def test_company_name_stage_owner_and_creation_outlast_an_import(
    imported, folder, run, signed_in, sales_manager
):
    company, heir = CompanyFactory(name="Other"), UserFactory(role=Role.EXPERT)
    sent = {
        "name": "Bigger",
        "stage": "offer",
        "company": company.pk,
        "owner": heir.pk,
        "created_at": "2026-01-09T00:00",
    }
    edit(signed_in(sales_manager), imported, **sent)
    imported.refresh_from_db()
    before = Deal.objects.filter(pk=imported.pk).values().get()
    assert run("import_crm", folder(deals=OPEN))["corrections"]["kept"] == 5
    assert Deal.objects.filter(pk=imported.pk).values().get() == before
    assert (before["name"], before["owner_id"]) == ("Bigger", heir.pk)
    UserFactory(email="new@studio.example")
    told = run("import_crm", folder(deals=OPEN.replace("Rep@Studio.example", "new@studio.example")))
    assert [one["what"] for one in told["corrections"]["overruled"]] == ["Owner"]


def test_a_corrected_creation_that_is_after_the_crms_close_gives_way(
    imported, folder, run, signed_in, sales_manager
):
    edit(signed_in(sales_manager), imported, owner="", created_at="2026-03-01T00:00")
    run("import_crm", folder())  # won on 10 February
    imported.refresh_from_db()
    assert (imported.status, imported.created_at.month) == ("won", 1)


def test_a_deal_entered_by_hand_has_no_corrections(signed_in, rep):
    edit(signed_in(rep), DealFactory(owner=rep), amount="7")
    assert not Correction.objects.exists()


# Contacts


def test_a_contact_whom_somebody_removed_stays_away(imported, folder, run, rep):
    ann = Contact.objects.get(public_id="C1")
    for part in imported.deal_contacts.filter(contact=ann):
        remove_contact(imported.pk, part.pk, by=rep)
    again = run("import_crm", folder(deals=OPEN))
    assert again["corrections"] == {"kept": 2, "overruled": []}
    assert list(imported.deal_contacts.all()) == []

    signs = GOOD["deal_contacts.csv"] + "D1,C1,pays\n"
    told = run("import_crm", folder(deals=OPEN, deal_contacts=signs))["corrections"]
    assert [(one["what"], one["ours"], one["crm"]) for one in told["overruled"]] == [
        ("Contact Ann", "removed", "takes part as “pays”")
    ]
    assert [part.role for part in imported.deal_contacts.all()] == ["pays"]
    assert len(mail.outbox) == 1
    before = list(DealContact.objects.values())
    run("import_crm", folder(deals=OPEN, deal_contacts=signs))
    assert list(DealContact.objects.values()) == before
    assert len(mail.outbox) == 1


def test_a_contact_who_was_removed_and_added_again_takes_part(imported, folder, run, rep):
    part = imported.deal_contacts.first()
    remove_contact(imported.pk, part.pk, by=rep)
    add_contact(imported.pk, part.contact, part.role, by=rep)
    assert not RemovedPart.objects.exists()
    run("import_crm", folder(deals=OPEN))
    assert imported.deal_contacts.filter(contact=part.contact, role=part.role).exists()


def test_whom_the_crm_never_named_may_be_named_by_it_later(imported, folder, run, rep):
    part = add_contact(imported.pk, Contact.objects.get(public_id="C2"), "uses", by=rep)
    remove_contact(imported.pk, part.pk, by=rep)
    run("import_crm", folder(deals=OPEN, deal_contacts=GOOD["deal_contacts.csv"] + "D1,C2,uses\n"))
    assert imported.deal_contacts.filter(contact__public_id="C2").exists()


def test_an_import_adds_a_contact_that_somebody_added_before_only_once(imported, folder, run, rep):
    add_contact(imported.pk, Contact.objects.get(public_id="C2"), "uses", by=rep)
    named = GOOD["deal_contacts.csv"] + "D1,C2,uses\n"
    run("import_crm", folder(deals=OPEN, deal_contacts=named))
    part = imported.deal_contacts.get(contact__public_id="C2")
    assert part.imported
    remove_contact(imported.pk, part.pk, by=rep)
    run("import_crm", folder(deals=OPEN, deal_contacts=named))
    assert not imported.deal_contacts.filter(contact__public_id="C2").exists()


# Pure


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0))
def test_equal_numbers_are_the_same_text(number):
    assert digits(Decimal(f"{number:f}00")) == digits(number)
    assert Decimal(digits(number)) == number


def test_a_correction_stands_while_the_crm_says_the_same():
    crm = {"name": ["A"], "stage": ["b"]}
    assert still_valid(crm, {"name": ["A"], "stage": ["a"]}) == {"name"}


def test_companies_are_named_in_what_is_told(imported, folder, run, signed_in, rep):
    other = CompanyFactory(name="Other")
    edit(signed_in(rep), imported, company=other.pk)
    text = OPEN.replace("D1,Big,K1", "D1,Big,K9")
    (told,) = run("import_crm", folder(deals=text))["corrections"]["overruled"]
    assert (told["ours"], told["crm"]) == ("Other", "K9")
    assert Company.objects.filter(public_id="K9").exists()


# Contacts and companies themselves


def test_a_corrected_contact_and_company_outlast_imports_in_the_same_way(
    folder, run, signed_in, sales_manager
):
    run("import_crm", folder())
    client, ann = signed_in(sales_manager), Contact.objects.get(public_id="C1")
    acme = Company.objects.get(public_id="K1")
    other = CompanyFactory(name="Other")
    client.post(
        reverse("audience_contacts:edit", args=[ann.pk]),
        {"name": "Ann Lee", "email": "ann@lee.example", "company": other.pk},
    )
    client.post(
        reverse("audience_companies:edit", args=[acme.pk]), {"name": "ACME", "domain": acme.domain}
    )
    again = run("import_crm", folder())
    assert again["contacts.csv"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert again["companies.csv"] == {"created": 0, "updated": 0, "unchanged": 1}
    assert again["corrections"] == {"kept": 4, "overruled": []}
    for row in (ann, acme):
        row.refresh_from_db()
    assert (ann.name, ann.email, ann.email_key, ann.company, acme.name) == (
        "Ann Lee",
        "ann@lee.example",
        "ann@lee.example",
        other,
        "ACME",
    )

    moved = GOOD["contacts.csv"].replace("ann@acme.example", "ann@new.example")
    told = run("import_crm", folder(contacts=moved))["corrections"]
    ann.refresh_from_db()
    assert (ann.email, ann.email_key, ann.name) == ("ann@new.example", "ann@new.example", "Ann Lee")
    assert told["overruled"] == [
        {
            "kind": "contact",
            "id": "C1",
            "what": "E-mail address",
            "ours": "“ann@lee.example”",
            "crm": "“ann@new.example”",
            "by": sales_manager.email,
        }
    ]
    assert reverse("audience_contacts:inspect", args=[ann.pk]) in mail.outbox[0].body
