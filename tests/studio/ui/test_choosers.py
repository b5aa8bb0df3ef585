"""Contacts and companies are chosen by search: no page has an option for each of them."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from studio.collation.fold import fold
from studio.people.roles import Role
from tests.budgets.factories import LineFactory, greenlit
from tests.factories import CompanyFactory, ContactFactory, UserFactory, VideoFactory
from tests.videos.deals.factories import DealFactory
from videos.audience.admin.choosers import CompanyChooser, ContactChooser, contact_chooser_for
from videos.audience.models import Company, Contact
from videos.deals.urls_for import deal_url

pytestmark = pytest.mark.django_db
CHOOSE, RESULTS = "audience_contact_chooser:choose", "audience_contact_chooser:choose_results"


@pytest.fixture
def client(signed_in, expert_user):
    return signed_in(expert_user)


def found(client, **asked):
    """The names in the results of a search, in their order."""
    page = client.get(reverse(RESULTS), asked)
    return [str(one) for one in page.context["results"]]


@pytest.mark.parametrize("sought", ["özlem", "ÖZLEM", "ozlem", "анна", "ZOË", "zoe"])
def test_a_contact_is_found_in_every_letters_case_and_without_accents(client, sought):
    names = {"o": "Özlem", "а": "Анна", "z": "Zoë"}
    for name in names.values():
        ContactFactory(name=name)
    assert found(client, q=sought) == [names[fold(sought)[0]]]


def test_contacts_stand_as_people_sort(client):
    for name in ("Zoë", "adam", "Özlem", "Olga"):
        ContactFactory(name=name)
    assert found(client) == ["adam", "Olga", "Özlem", "Zoë"]


def test_a_contact_is_found_by_name_address_and_company(client):
    ContactFactory(name="Ann", email="ann@one.example", company=CompanyFactory(name="Kilns"))
    ContactFactory(name="Bob", email="bob@two.example", company=CompanyFactory(name="Ovens"))
    assert found(client, q="ann") == ["Ann"]
    assert found(client, q="two.example") == ["Bob"]
    assert found(client, q="ovens") == ["Bob"]
    assert found(client) == ["Ann", "Bob"]
    assert found(client, q="\0") == ["Ann", "Bob"]


def test_contacts_who_were_merged_are_not_offered(client):
    kept = ContactFactory(name="Ann")
    merged = ContactFactory(name="Ann Old", merged_into=kept)
    assert found(client) == ["Ann"]
    chosen = client.get(reverse("audience_contact_chooser:chosen", args=[merged.pk]))
    assert chosen.status_code == 404


def test_those_of_the_company_in_question_come_first(client):
    acme = CompanyFactory(name="Acme")
    ContactFactory(name="Aaron")
    ContactFactory(name="Zoe", company=acme)
    assert found(client, company=acme.pk) == ["Zoe", "Aaron"]
    assert found(client, company="no key") == ["Aaron", "Zoe"]
    widget = contact_chooser_for(acme.pk)
    assert f"?company={acme.pk}" in widget.render("contact", None, {"id": "id_contact"})


def test_ten_are_listed_at_a_time_however_many_there_are(client, django_assert_max_num_queries):
    ContactFactory.create_batch(25)
    with django_assert_max_num_queries(25):
        page = client.get(reverse(CHOOSE))
    assert page.json()["html"].count("data-chooser-modal-choice") == 10
    assert len(found(client, p=3)) == 5
    assert client.get(reverse(RESULTS), {"p": "9" * 30}).status_code == 404


@pytest.mark.parametrize("pk", ["0", "none", "9" * 30, "-1"])
def test_what_is_no_key_is_nobody(client, pk):
    address = reverse("audience_contact_chooser:chosen", args=[pk])
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("value", ["none", "9" * 40, 0, None, ""])
def test_a_field_with_no_key_shows_nothing_as_chosen(value):
    html = ContactChooser().render("contact", value, {"id": "id_contact"})
    assert "blank" in html
    assert "<script" not in html


def test_somebody_new_is_added_where_they_are_missed(client, expert_user):
    company = CompanyFactory(name="Acme")
    sent = {"name": "Ann", "email": "ann@acme.example", "new_company": "ACME"}
    answer = client.post(reverse("audience_contact_chooser:create"), sent).json()
    contact = Contact.objects.get()
    assert (contact.company, contact.created_at is None) == (company, False)
    assert answer["result"]["id"] == str(contact.pk)
    (entry,) = ModelLogEntry.objects.for_instance(contact)
    assert (entry.action, entry.user) == ("wagtail.create", expert_user)
    again = client.post(reverse("audience_contact_chooser:create"), sent).json()
    assert "already has this address" in again["htmlFragment"]


def test_who_may_not_add_contacts_is_not_offered_to(signed_in, producer):
    client = signed_in(producer)
    assert "Add and choose" not in client.get(reverse(CHOOSE)).json()["html"]
    sent = {"name": "Ann", "email": "", "new_company": ""}
    client.post(reverse("audience_contact_chooser:create"), sent)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.LEADER])
def test_who_reads_every_view_may_narrow_them_by_contact_and_names_no_company(signed_in, role):
    client = signed_in(UserFactory(role=role))
    assert client.get(reverse(CHOOSE)).status_code == 200
    answer = client.get(reverse("audience_company_chooser:choose"))
    assert answer.status_code in {302, 403}


def test_no_page_grows_with_the_number_of_contacts_and_companies(signed_in, sales_manager):
    client = signed_in(sales_manager)
    deal = DealFactory(owner=None)
    addresses = [
        deal_url(deal),
        reverse("deals_deals:add"),
        reverse("deals_deals:edit", args=[deal.pk]),
        reverse("audience_contacts:index"),
        reverse("audience_contacts:add"),
        reverse("audience_share_links:add"),
        reverse("audience_views:index"),
    ]
    for number in range(40):
        ContactFactory(name=f"Many {number}", company=CompanyFactory(name=f"Firm {number}"))
    for address in addresses:
        page = client.get(address)
        assert page.text.count("<option") < 15
        assert "Firm 39</option>" not in page.text
    assert client.get(deal_url(deal)).text.count("Many ") == 0


def test_a_video_is_chosen_among_those_that_fit(signed_in, finance):
    line = LineFactory(approved=100_00)
    greenlit((line, 1_00), video=VideoFactory(title="Paid", stage="planned"))
    VideoFactory(title="Cancelled", stage="cancelled")
    client, address = signed_in(finance), reverse("planning_video_chooser:choose_results")

    def among(name, **asked):
        page = client.get(address, {"among": name, **asked})
        return [video.title for video in page.context["results"]]

    assert among("") == ["Cancelled", "Paid"]
    assert among("", q="paid") == ["Paid"]
    assert among("greenlit") == among("alive") == ["Paid"]
    assert among("what nobody registered") == []
    page = client.get(reverse("budgets_expense"))
    assert "/admin/choose/video/?among=greenlit" in page.text
    assert "Paid" not in page.text


def test_a_company_is_chosen_and_added_in_the_same_way(client):
    CompanyFactory(name="Ovens", domain="ovens.example")
    page = client.get(reverse("audience_company_chooser:choose_results"), {"q": "ovens.exa"})
    assert [str(one) for one in page.context["results"]] == ["Ovens"]
    sent = {"name": "New", "domain": ""}
    answer = client.post(reverse("audience_company_chooser:create"), sent).json()
    assert answer["result"]["title"] == "New"
    assert Company.objects.filter(name="New").exists()
    assert "Ovens" in CompanyChooser().render(
        "company", Company.objects.get(name="Ovens").pk, {"id": "id_company"}
    )
