"""One search over what people look for, each kind by the roles that may see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.desk.admin.views.search import KINDS, search_all
from studio.people.roles import Role
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ExpertFactory,
    QuestionFactory,
    UserFactory,
    VideoFactory,
)
from videos.audience.models import Contact
from videos.deals.models import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(db):
    return ExpertFactory(user__first_name="Tomasz", topics="Özgür ovens").user


@pytest.fixture
def everything(rep):
    """One thing of each kind with the word, and one without."""
    company = CompanyFactory(name="ÖZGÜR Bakery")
    VideoFactory(title="What does özgür mean?")
    VideoFactory(title="Another")
    QuestionFactory(text="Is it Özgür?", heard_by=rep)
    ContactFactory(name="Ann Lee", email="ann@x.example", company=company)
    Deal.objects.create(name="özgür, two lines", owner=rep, created_at=timezone.now())
    Deal.objects.create(name="Özgür, of another rep", created_at=timezone.now())


def found(text, user):
    return {str(one.kind.label): [hit.title for hit in one.hits] for one in search_all(text, user)}


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.PRODUCER, ["Videos", "Questions", "Contacts", "Companies", "Experts"]),
        (Role.SALES_MANAGER, ["Videos", "Questions", "Contacts", "Companies", "Deals", "Experts"]),
        (Role.FINANCE, ["Videos"]),
        (Role.LEADER, ["Videos", "Deals"]),
    ],
)
def test_each_role_finds_the_kinds_it_may_see(role, kinds, everything):
    assert list(found("OZGUR", UserFactory(role=role))) == kinds


def test_a_rep_finds_own_deals_and_everyones_contacts(everything, rep):
    hits = found("özgür", rep)
    assert hits["Deals"] == ["özgür, two lines"]
    assert hits["Contacts"] == ["Ann Lee"]
    assert hits["Companies"] == ["ÖZGÜR Bakery"]


def test_merged_contacts_are_not_found(everything, sales_manager):
    old = ContactFactory(name="Özgür Old")
    assert "Özgür Old" in found("özgür", sales_manager)["Contacts"]
    Contact.objects.filter(pk=old.pk).update(merged_into=Contact.objects.exclude(pk=old.pk).first())
    assert "Özgür Old" not in found("özgür", sales_manager)["Contacts"]


@pytest.mark.parametrize("text", ["", "   ", "\0"])
def test_nothing_is_looked_for_where_nothing_is_asked(text, everything, sales_manager):
    assert search_all(text, sales_manager) == []


def test_the_page_leads_to_what_was_found_and_to_all_of_it(everything, sales_manager, signed_in):
    for number in range(6):
        ContactFactory(name=f"Özgür {number}")
    client = signed_in(sales_manager)
    html = client.get(reverse("desk_search"), {"q": "özgür"}).content.decode()
    assert "What does özgür mean?" in html
    more = f"{reverse('audience_contacts:index')}?q=%C3%B6zg%C3%BCr"
    assert more in html
    rows = client.get(more).context["object_list"]
    assert len(rows) == 7


def test_what_is_not_found_is_said(sales_manager, signed_in):
    html = signed_in(sales_manager).get(reverse("desk_search"), {"q": "<b>x"}).content.decode()
    assert "Nothing was found for “&lt;b&gt;x”." in html


def test_the_field_in_the_sidebar_leads_here(sales_manager, producer, signed_in):
    for user in (sales_manager, producer):
        html = signed_in(user).get(reverse("wagtailadmin_home")).content.decode()
        assert f'"{reverse("desk_search")}"' in html


def test_every_list_finds_in_every_letters_case(everything, rep, sales_manager, signed_in):
    client = signed_in(sales_manager)
    for kind in KINDS:
        rows = client.get(kind.list_url("OZGÜR")).context["object_list"]
        assert rows, kind.label
        assert not client.get(kind.list_url("nobody at all")).context["object_list"], kind.label


def test_administrators_find_people_in_every_letters_case(signed_in):
    UserFactory(first_name="Özlem", last_name="Yılmaz")
    client = signed_in(UserFactory(is_superuser=True))
    rows = client.get(reverse("wagtailusers_users:index"), {"q": "OZLEM"}).context["object_list"]
    assert [user.first_name for user in rows] == ["Özlem"]


def test_the_search_asks_a_fixed_number_of_questions(everything, sales_manager, signed_in):
    client = signed_in(sales_manager)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("desk_search"), {"q": "özgür"})
        return len(queries)

    asked()
    before = asked()
    for number in range(4):
        company = CompanyFactory(name=f"Özgür {number}")
        ContactFactory(name=f"Özgür {number}", company=company)
        QuestionFactory(text="Özgür?")
        VideoFactory(title=f"Özgür {number}")
        Deal.objects.create(name="Özgür", company=company, created_at=timezone.now())
    assert asked() == before
