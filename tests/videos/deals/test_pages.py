"""Who sees and does what on the pages of deals and of influence."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ShareLinkFactory,
    UserFactory,
    ViewFactory,
)
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.deals.addresses import deal_url, evidence_url, influence_url
from videos.deals.models import Deal
from videos.deals.templatetags.deals import company_beside

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(expert_user):
    return expert_user


@pytest.fixture
def own(rep):
    return DealFactory(name="Mine", owner_email=rep.email.upper())


@pytest.fixture
def other():
    return DealFactory(name="Somebody else's", owner_email="else@studio.example")


@pytest.fixture
def watched(own):
    """A view through a share link by the contact of `own`."""
    link = ShareLinkFactory(contact=ContactFactory(name="Ann Buyer"))
    DealContactFactory(deal=own, contact=link.contact)
    return ViewFactory(
        video=link.video,
        share_link=link,
        seconds_watched=Decimal("12.5"),
        started_at=timezone.now() - dt.timedelta(days=2),
    )


def seen(client, address):
    return client.get(address).status_code


@pytest.mark.parametrize(
    ("role", "listed", "theirs", "reported"),
    [
        (Role.PRODUCER, 302, 404, 200),
        (Role.EXPERT, 200, 404, 200),
        (Role.SALES_MANAGER, 200, 200, 200),
        (Role.FINANCE, 302, 404, 200),
        (Role.LEADER, 200, 200, 200),
    ],
)
def test_each_role_sees_its_pages_and_no_others(signed_in, other, role, listed, theirs, reported):
    client = signed_in(UserFactory(role=role))
    assert seen(client, reverse("deals:index")) == listed
    assert seen(client, deal_url(other)) == theirs
    for name in ("deals_influence", "deals_evidence"):
        assert seen(client, reverse(name)) == reported


def test_an_expert_sees_own_deals_alone(signed_in, rep, own, other, watched):
    client = signed_in(rep)
    for address in (reverse("deals:index"), influence_url()):
        page = client.get(address)
        assert "Mine" in page.text
        assert "Somebody else" not in page.text
    assert seen(client, deal_url(own)) == 200
    assert seen(client, deal_url(other)) == 404


def test_an_expert_closes_own_deals_alone(signed_in, rep, own, other):
    client = signed_in(rep)
    assert client.post(reverse("deals:win", args=[own.pk])).status_code == 302
    assert client.post(reverse("deals:win", args=[other.pk])).status_code == 404
    assert client.get(reverse("deals:lose", args=[own.pk])).status_code == 405
    assert dict(Deal.objects.values_list("name", "status")) == {
        "Mine": "won",
        "Somebody else's": "open",
    }


@pytest.mark.parametrize("role", [Role.LEADER, Role.FINANCE, Role.PRODUCER])
def test_nobody_else_closes_deals(signed_in, other, role):
    client = signed_in(UserFactory(role=role))
    assert client.post(reverse("deals:win", args=[other.pk])).status_code in {403, 404, 302}
    other.refresh_from_db()
    assert other.status == "open"


def test_a_deal_that_an_expert_adds_is_their_own(signed_in, rep):
    page = signed_in(rep).post(
        reverse("deals:add"),
        {
            "name": "New",
            "amount": "12.50",
            "currency": "eur",
            "created_at": "2026-01-05T10:00",
            "owner_email": "else@studio.example",
        },
    )
    deal = Deal.objects.get()
    assert page.url == deal_url(deal)
    assert (deal.owner_email, deal.amount, deal.currency) == (rep.email, Decimal("12.50"), "EUR")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"currency": ""}, "in which currency"),
        ({"currency": "ZZZ"}, "no currency"),
    ],
)
def test_a_deal_with_an_unclear_amount_is_refused(signed_in, sales_manager, changed, reason):
    good = {"name": "New", "amount": "1", "currency": "EUR", "created_at": "2026-01-05T10:00"}
    page = signed_in(sales_manager).post(reverse("deals:add"), good | changed)
    assert reason in page.text
    assert not Deal.objects.exists()


def test_editing_keeps_the_second_of_the_creation(signed_in, sales_manager):
    deal = DealFactory()
    created_at = deal.created_at
    page = signed_in(sales_manager).post(
        reverse("deals:edit", args=[deal.pk]),
        {
            "name": "Renamed",
            "amount": "1",
            "currency": "EUR",
            "created_at": timezone.localtime(created_at).strftime("%Y-%m-%dT%H:%M"),
        },
    )
    assert page.status_code == 302
    deal.refresh_from_db()
    assert (deal.name, deal.created_at) == ("Renamed", created_at)


def test_contacts_are_added_and_removed_by_hand(signed_in, rep, own):
    client, contact = signed_in(rep), ContactFactory()
    add = reverse("deals:add_part", args=[own.pk])
    client.post(add, {"contact": contact.pk, "role": "signs"})
    page = client.post(add, {"contact": contact.pk, "role": "signs"}, follow=True)
    assert "has this role in the deal already" in page.text
    part = own.deal_contacts.get()
    assert (part.contact, part.role) == (contact, "signs")
    client.post(reverse("deals:remove_part", args=[own.pk, part.pk]))
    assert not own.deal_contacts.exists()


def test_a_refused_act_says_why(signed_in, rep, own):
    client = signed_in(rep)
    future = (timezone.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = client.post(reverse("deals:win", args=[own.pk]), {"at": future}, follow=True)
    assert "cannot be closed in the future" in page.text
    own.refresh_from_db()
    assert own.status == "open"


def test_a_deal_s_page_shows_what_its_contacts_watched(signed_in, rep, own, watched):
    page = signed_in(rep).get(deal_url(own))
    for shown in (watched.video.title, "Ann Buyer", "12.5\N{NO-BREAK SPACE}s", "1,000.00"):
        assert shown in page.text


def test_a_won_deal_s_revenue_opens_into_its_view(signed_in, sales_manager, rep, own, watched):
    signed_in(rep).post(reverse("deals:win", args=[own.pk]))
    client = signed_in(sales_manager)
    page = client.get(influence_url())
    assert page.context["influenced_revenue"] == "1,000.00\N{NO-BREAK SPACE}EUR"
    (row,) = page.context["videos"]
    (touch,) = client.get(row["url"]).context["touches"]
    assert (touch.deal, touch.video, touch.view_id, touch.seconds, touch.share_link) == (
        own,
        watched.video,
        watched.public_id,
        Decimal("12.5"),
        watched.share_link,
    )
    assert touch.credit == "1,000.00\N{NO-BREAK SPACE}EUR"
    side = page.context["comparisons"][0]["sides"][0]
    (behind,) = client.get(side["url"]).context["deals"]
    assert (behind["deal"], behind["touches"]) == (own, 1)


def test_the_report_prints_the_model_s_definition(signed_in, leader):
    page = signed_in(leader).get(influence_url(model="u_shaped"))
    assert "40% to the first touch, 40% to the lead touch, 20% equally to the rest." in page.text
    assert "too few to tell" in page.text


def test_a_missing_rate_is_said_on_the_page(signed_in, leader, own, watched):
    Deal.objects.update(status="won", closed_at=timezone.now(), currency="USD")
    for address in (influence_url(), evidence_url()):
        page = signed_in(leader).get(address)
        assert page.status_code == 200
        assert "there is no rate from USD to EUR" in page.text


def test_an_unclear_question_is_said_beside_its_field(signed_in, leader):
    page = signed_in(leader).get(reverse("deals_influence") + "?from=2026-02-01&to=2026-01-01")
    assert "The last day is before the first." in page.text


def test_a_video_s_page_shows_its_touches(signed_in, sales_manager, own, watched):
    client = signed_in(sales_manager)
    panel = reverse("planning_video_panel", args=[watched.video.pk, "touches"])
    assert panel in client.get(reverse("planning_videos:inspect", args=[watched.video.pk])).text

    page = client.get(panel)
    assert "Ann Buyer" in page.text
    assert "The one touch" in page.text


def test_touches_come_to_nobody_who_may_not_see_influence(signed_in, watched):
    panel = reverse("planning_video_panel", args=[watched.video.pk, "touches"])
    page = signed_in(UserFactory()).get(panel)
    assert (page.status_code, page["location"][:13]) == (302, "/admin/login/")


def test_no_page_needs_many_queries(
    signed_in, sales_manager, own, watched, django_assert_max_num_queries
):
    for number in range(12):
        deal = DealFactory(status="won", closed_at=timezone.now())
        link = ShareLinkFactory(contact=DealContactFactory(deal=deal).contact)
        ViewFactory(
            video=link.video, share_link=link, started_at=timezone.now() - dt.timedelta(days=number)
        )
    client = signed_in(sales_manager)
    for address in (
        reverse("deals:index"),
        deal_url(own),
        influence_url(),
        evidence_url(),
        reverse("deals_compared") + "?compared=all&side=with",
    ):
        with django_assert_max_num_queries(30):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("deal", "company", "beside"),
    [
        ("Two oven lines", "Harbour Street Bakery", "Harbour Street Bakery"),
        ("HARBOUR STREET BAKERY, two oven lines", "Harbour Street Bakery", ""),
        ("Two oven lines", None, ""),
    ],
)
def test_a_deal_names_its_company_once(deal, company, beside):
    known = CompanyFactory(name=company) if company else None
    assert company_beside(DealFactory(name=deal, company=known)) == beside
