"""What decides a number is on record with its values, and marked once a deal has closed."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.desk.signed import OwnReport, signed_since
from studio.people.leaving import HOLDINGS, hand_over
from studio.people.roles import Role, apply_grants, last_to_migrate
from studio.rates.models import Rate
from tests.conftest import FormClient
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ShareLinkFactory,
    UserFactory,
    ViewFactory,
)
from tests.videos.deals.conftest import GOOD
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.audience.models import Contact
from videos.deals.deal_status import close, reopen
from videos.deals.models import Deal
from videos.deals.urls_for import deal_url, evidence_url, influence_url

pytestmark = pytest.mark.django_db
MONEY = "1,000.00\N{NO-BREAK SPACE}EUR"


def edited(deal, **changed):
    """What the form of a deal sends."""
    created = timezone.localtime(deal.created_at)
    return {
        "name": deal.name,
        "owner": deal.owner_id or "",
        "company": deal.company_id,
        "amount": deal.amount,
        "currency": deal.currency,
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "reason": "Mistyped.",
        **changed,
    }


def entries_of(row, action="wagtail.edit"):
    return ModelLogEntry.objects.for_instance(row).filter(action=action).order_by("pk")


def said_of(client, name, row):
    """The messages of a row's history, the latest first."""
    page = client.get(reverse(name, args=[row.pk]))
    return [entry.message for entry in page.context["object_list"]]


@pytest.fixture
def client(signed_in, sales_manager):
    return signed_in(sales_manager)


@pytest.fixture
def won(expert_user):
    """An imported deal that closed; a contact of it had watched through a colleague's link."""
    deal = DealFactory(name="Rollout", owner=expert_user, imported=True)
    watched(deal)
    return close(deal.pk, Deal.Status.WON, by=expert_user)


def watched(deal):
    link = ShareLinkFactory(contact=ContactFactory(name="Ann Buyer"))
    DealContactFactory(deal=deal, contact=link.contact)
    started = timezone.now() - dt.timedelta(days=2)
    return ViewFactory(
        video=link.video,
        share_link=link,
        seconds_watched=Decimal("12.5"),
        started_at=started,
        counted_at=started,
    )


# On record


def test_a_changed_deal_keeps_what_it_was_and_became(client, sales_manager, expert_user):
    deal = DealFactory(amount=Decimal("1000.00"))
    sent = edited(deal, amount="1250.5", owner=expert_user.pk, stage="Proposal")
    assert client.post(reverse("deals_deals:edit", args=[deal.pk]), sent).status_code == 302
    (entry,) = entries_of(deal)
    assert entry.user == sales_manager
    assert entry.data["changed"] == {
        "owner": [None, expert_user.pk],
        "stage": ["", "Proposal"],
        "amount": ["1000.00", "1250.5"],
    }
    (said, *_) = said_of(client, "deals_deals:history", deal)
    assert (
        said == f"Edited. Owner: – → “{expert_user} (#{expert_user.pk})”."
        " Sales stage: – → “Proposal”. Amount: “1000.00” → “1250.5”."
    )


def test_a_rate_s_values_stay_readable_when_it_is_changed_and_deleted(client):
    sent = {"day": "2026-02-10", "from_currency": "USD", "to_currency": "EUR", "rate": "0.9"}
    client.post(reverse("rates_rates:add"), sent)
    rate = Rate.objects.get()
    client.post(reverse("rates_rates:edit", args=[rate.pk]), {**sent, "rate": "0.0000001"})
    assert said_of(client, "rates_rates:history", rate)[0] == "Edited. Rate: “0.9” → “0.0000001”."
    client.post(reverse("rates_rates:delete", args=[rate.pk]))
    messages = {
        entry.action: entry.message for entry in ModelLogEntry.objects.filter(object_id=rate.pk)
    }
    assert "Rate: – → “0.9”." in messages["wagtail.create"]
    assert messages["wagtail.delete"] == (
        "Deleted. Day: “10 Feb 2026” → –. From: “USD” → –. To: “EUR” → –. Rate: “0.0000001” → –."
    )


def test_a_contact_who_changes_company_keeps_which_it_was(client):
    was = CompanyFactory()
    contact = ContactFactory(name="Ann", company=was)
    client.post(
        reverse("audience_contacts:edit", args=[contact.pk]),
        {"name": "Ann", "email": contact.email, "company": ""},
    )
    (entry,) = entries_of(contact)
    assert entry.data["changed"] == {"company": [was.pk, None]}


def test_a_contact_and_a_company_keep_how_they_were_called(client):
    contact, company = ContactFactory(name="Ann", email="ann@a.example"), CompanyFactory(name="A")
    client.post(
        reverse("audience_contacts:edit", args=[contact.pk]),
        {"name": "Bob", "email": "bob@b.example", "company": contact.company_id},
    )
    client.post(
        reverse("audience_companies:edit", args=[company.pk]),
        {"name": "B", "domain": company.domain},
    )
    assert said_of(client, "audience_contacts:history", contact)[0] == (
        "Edited. Name: “Ann” → “Bob”. E-mail address: “ann@a.example” → “bob@b.example”."
    )
    assert said_of(client, "audience_companies:history", company)[0] == "Edited. Name: “A” → “B”."


def test_a_name_cannot_look_like_an_entry_of_its_own(client):
    deal = DealFactory(name="Kiln")
    forged = "Kiln” → “Kiln”. By an import from the CRM. Amount: “1” → “2\u202e"
    client.post(reverse("deals_deals:edit", args=[deal.pk]), edited(deal, name=forged))
    assert said_of(client, "deals_deals:history", deal)[0] == (
        "Edited. Name: “Kiln” → “Kiln’ → ‘Kiln’. By an import from the CRM. Amount: ‘1’ → ‘2”."
    )


def test_a_deal_that_is_handed_over_says_from_whom_to_whom(client, admin_user):
    leaver, heir = UserFactory(role=Role.EXPERT), UserFactory(role=Role.EXPERT)
    deal = DealFactory(owner=leaver)
    hand_over(HOLDINGS["deals"], leaver, heir, by=admin_user)
    assert (
        said_of(client, "deals_deals:history", deal)[0]
        == f"Handed over from “{leaver}” to “{heir}”."
    )


@pytest.mark.django_db(transaction=True)
def test_two_edits_at_the_same_instant_each_tell_the_value_before():
    apply_grants(sender=last_to_migrate())  # an emptied database has lost its groups
    rate = Rate.objects.create(
        day=timezone.localdate(), from_currency="USD", to_currency="EUR", rate=Decimal(1)
    )
    clients = [FormClient(), FormClient()]
    for client in clients:
        client.force_login(UserFactory(role=Role.FINANCE))

    def save(client: FormClient, value: str) -> int:
        sent = {"day": rate.day.isoformat(), "from_currency": "USD", "to_currency": "EUR"}
        try:
            url = reverse("rates_rates:edit", args=[rate.pk])
            return client.post(url, {**sent, "rate": value}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for number in range(8):
            values = [f"2.{number}1", f"2.{number}2"]
            assert list(pool.map(save, clients, values)) == [302, 302]
    told = [entry.data["changed"]["rate"] for entry in entries_of(rate)]
    assert [Decimal(was) for was, _now in told] == [1, *(Decimal(now) for _was, now in told[:-1])]


def test_what_an_import_changes_of_deals_contacts_rates_and_videos_is_on_record(folder, run):
    run("import_crm", folder())
    run("import_views", folder())
    assert not ModelLogEntry.objects.filter(action="wagtail.edit").exists()
    path = folder(
        deals=GOOD["deals.csv"].replace("100.00,EUR", "120,USD"),
        contacts=GOOD["contacts.csv"].replace("2026-01-01", "2025-01-01"),
        rates=GOOD["rates.csv"].replace("0.9123456789", "0.8"),
        videos=GOOD["videos.csv"].replace("90.5", "9"),
    )
    for _again in range(2):
        run("import_crm", path)
        run("import_views", path)
    told = {entry.label: entry for entry in ModelLogEntry.objects.filter(action="wagtail.edit")}
    assert {label: entry.data["changed"] for label, entry in told.items()} == {
        "Big": {"amount": ["100.00", "120"], "currency": ["EUR", "USD"]},
        "Ann": {"created_at": ["2026-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00"]},
        str(Rate.objects.get()).replace("0.8", "0.9123456789"): {"rate": ["0.9123456789", "0.8"]},
        "What does it cost?": {"duration_seconds": ["90.5", "9"]},
    }
    assert told["Big"].message == (
        "Edited. By an import from the CRM. Amount: “100.00” → “120”. Currency: “EUR” → “USD”."
    )
    assert told["Big"].object_id == str(Deal.objects.get(public_id="D1").pk)
    assert told["Ann"].object_id == str(Contact.objects.get(public_id="C1").pk)


# Changed after the close


@pytest.mark.parametrize(
    "changed",
    [{"amount": "2000"}, {"currency": "USD"}, {"owner": ""}, {"created_at": "2025-01-01T00:00"}],
    ids=lambda changed: next(iter(changed)),
)
def test_what_decides_a_number_changed_after_the_close_is_marked(
    client, sales_manager, won, changed
):
    assert not won.changed_after_close
    client.post(reverse("deals_deals:edit", args=[won.pk]), edited(won, **changed))
    won.refresh_from_db()
    assert (won.changed_after_close, won.changed_by) == (True, sales_manager)


def test_a_name_and_a_change_before_the_close_mark_nothing(client, won, expert_user):
    client.post(reverse("deals_deals:edit", args=[won.pk]), edited(won, name="Roll-out", stage="x"))
    still = DealFactory(owner=expert_user)
    client.post(reverse("deals_deals:edit", args=[still.pk]), edited(still, amount="2000"))
    close(still.pk, Deal.Status.WON, by=expert_user)
    for deal in (won, still):
        deal.refresh_from_db()
        assert not deal.changed_after_close
    assert (won.name, still.amount) == ("Roll-out", 2000)


def test_opening_changing_and_closing_again_leaves_the_mark(client, sales_manager, won):
    first = won.closed_at
    reopen(won.pk, by=sales_manager, reason="Mistyped.")
    won.refresh_from_db()
    client.post(reverse("deals_deals:edit", args=[won.pk]), edited(won, amount="2000"))
    close(won.pk, Deal.Status.WON, by=sales_manager, at=first)
    won.refresh_from_db()
    assert won.changed_after_close
    reopen(won.pk, by=sales_manager, reason="Mistyped.")
    close(won.pk, Deal.Status.WON, by=sales_manager)  # and a later close comes after the change
    won.refresh_from_db()
    assert not won.changed_after_close


def test_a_deal_handed_over_and_closed_before_says_who_did_it(sales_manager, admin_user):
    leaver, heir = UserFactory(role=Role.EXPERT), UserFactory(role=Role.EXPERT)
    deal = DealFactory(owner=leaver)
    close(deal.pk, Deal.Status.WON, by=leaver)
    reopen(deal.pk, by=sales_manager, reason="Mistyped.")
    deal.refresh_from_db()
    hand_over(HOLDINGS["deals"], leaver, heir, by=admin_user)
    close(deal.pk, Deal.Status.WON, by=heir, at=deal.earlier_closed_at)
    deal.refresh_from_db()
    assert (deal.owner, deal.changed_after_close, deal.changed_by) == (heir, True, admin_user)


def test_an_import_that_changes_a_closed_deal_marks_it(folder, run):
    run("import_crm", folder())
    run("import_crm", folder())
    assert not Deal.objects.get(public_id="D1").changed_after_close
    run("import_crm", folder(deals=GOOD["deals.csv"].replace("100.00", "120")))
    deal = Deal.objects.get(public_id="D1")
    assert (deal.changed_after_close, deal.changed_by) == (True, None)
    marked_at = deal.changed_at
    run("import_crm", folder(deals=GOOD["deals.csv"].replace("100.00", "120")))
    deal.refresh_from_db()
    assert deal.changed_at == marked_at


def test_a_change_after_the_close_is_said_and_its_sum_stands_apart(client, sales_manager, won):
    before = client.get(influence_url())
    assert before.context["changed_revenue"].startswith("0.00")
    assert "after the close" not in before.text
    sent = edited(won, created_at=timezone.localtime(won.created_at).strftime("%Y-%m-%dT%H:%M"))
    client.post(
        reverse("deals_deals:edit", args=[won.pk]), {**sent, "created_at": "2025-01-01T00:00"}
    )
    for address in (deal_url(won), evidence_url(), influence_url()):
        said = words_of(client.get(address))
        assert f"Changed after the close by {sales_manager}, " in said
    assert client.get(deal_url(won)).context["changed_amount"] == MONEY
    evidence = client.get(evidence_url())
    assert (evidence.context["changed"], evidence.context["changed_credit"]) == (1, MONEY)
    assert client.get(influence_url()).context["changed_revenue"] == MONEY
    assert yesterday(sales_manager).changed_revenue == MONEY


def words_of(page):
    """The text of a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def yesterday(user):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    return signed_since(OwnReport(user, yesterday), yesterday)


# Entered by hand


def test_a_deal_made_up_by_hand_after_the_views_is_marked_with_its_sum_apart(
    signed_in, expert_user, sales_manager, run
):
    rep = signed_in(expert_user)
    made = {"name": "Made up", "amount": "1000", "currency": "EUR"}
    rep.post(reverse("deals_deals:add"), {**made, "created_at": "2025-01-01T00:00"})
    deal = Deal.objects.get()
    assert (deal.entered_by, deal.imported) == (expert_user, False)
    early = watched(deal)
    rep.post(reverse("deals_deals:win", args=[deal.pk]))

    client = signed_in(sales_manager)
    for address in (deal_url(deal), evidence_url(), influence_url()):
        assert f"Entered by hand by {expert_user}" in words_of(client.get(address))
    for address in (deal_url(deal), evidence_url()):
        (touch,) = client.get(address).context["touches"]
        assert (touch.view_id, touch.is_early, touch.is_late) == (early.public_id, True, False)
        assert "before the deal was recorded" in client.get(address).text
    page = client.get(deal_url(deal))
    assert (page.context["early"], page.context["early_amount"]) == (1, MONEY)
    evidence = client.get(evidence_url())
    assert (evidence.context["early"], evidence.context["early_credit"]) == (1, MONEY)
    report = client.get(influence_url())
    assert (report.context["early"].touches, report.context["early_revenue"]) == (1, MONEY)
    assert yesterday(sales_manager).early_revenue == MONEY
    assert run("influence")["totals"]["influenced_revenue"] == "1000.00"


def test_a_view_after_a_deal_was_entered_by_hand_has_no_mark(client, expert_user):
    entered = timezone.now() - dt.timedelta(days=3)
    deal = DealFactory(recorded_at=entered, entered_by=expert_user)
    watched(deal)
    (touch,) = client.get(deal_url(deal)).context["touches"]
    assert not touch.is_early


def test_imported_deals_and_those_from_before_it_was_kept_are_not_called_late_entries(
    client, folder, run
):
    run("import_crm", folder())
    run("import_views", folder())
    imported = Deal.objects.get(public_id="D1")
    assert imported.recorded_at == imported.close_recorded_at
    old = DealFactory(recorded_at=None)
    watched(old)
    touches = client.get(evidence_url()).context["touches"]
    assert {touch.deal: touch.is_early for touch in touches} == {imported: False, old: False}
    assert "Entered by hand" not in client.get(deal_url(imported)).text
    recorded_at = imported.recorded_at
    run("import_crm", folder())
    imported.refresh_from_db()
    assert imported.recorded_at == recorded_at


def test_a_touch_through_the_link_of_somebody_else_than_the_owner_says_so(client, won):
    (touch,) = client.get(evidence_url()).context["touches"]
    assert touch.share_link.rep != won.owner
    page = words_of(client.get(evidence_url()))
    assert f"from {touch.share_link.rep}" in page
    assert "not the deal's owner" in page.replace("&#x27;", "'")
    Deal.objects.update(owner=touch.share_link.rep)
    assert "the deal's owner" not in client.get(evidence_url()).text.replace("&#x27;", "'")
