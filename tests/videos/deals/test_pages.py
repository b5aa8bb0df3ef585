"""Who sees and does what on the pages of deals and of influence."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.desk.signed import OwnReport, signed_since
from studio.people.roles import Role
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ShareLinkFactory,
    UserFactory,
    ViewFactory,
)
from tests.videos.deals.factories import DealContactFactory, DealFactory
from videos.audience.models import View
from videos.audience.urls_for import contact_url, link_url
from videos.deals.models import Deal
from videos.deals.templatetags.deals import company_beside
from videos.deals.urls_for import deal_url, evidence_url, influence_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(expert_user):
    return expert_user


@pytest.fixture
def own(rep):
    return DealFactory(name="Mine", owner=rep)


@pytest.fixture
def other():
    return DealFactory(name="Somebody else's", owner=UserFactory(role=Role.EXPERT))


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
    assert seen(client, reverse("deals_deals:index")) == listed
    assert seen(client, deal_url(other)) == theirs
    for name in ("deals_influence", "deals_evidence"):
        assert seen(client, reverse(name)) == reported


def test_an_expert_sees_own_deals_alone(signed_in, rep, own, other, watched):
    client = signed_in(rep)
    for address in (reverse("deals_deals:index"), influence_url()):
        page = client.get(address)
        assert "Mine" in page.text
        assert "Somebody else" not in page.text
    assert seen(client, deal_url(own)) == 200
    assert seen(client, deal_url(other)) == 404


def test_an_expert_closes_own_deals_alone(signed_in, rep, own, other):
    client = signed_in(rep)
    assert client.post(reverse("deals_deals:win", args=[own.pk])).status_code == 302
    assert client.post(reverse("deals_deals:win", args=[other.pk])).status_code == 404
    assert client.get(reverse("deals_deals:lose", args=[own.pk])).status_code == 405
    assert dict(Deal.objects.values_list("name", "status")) == {
        "Mine": "won",
        "Somebody else's": "open",
    }


def test_a_rep_leaves_closed_deals_as_they_are_and_reads_who_can(signed_in, rep, own, watched):
    client, contact = signed_in(rep), ContactFactory()
    part = own.deal_contacts.get()
    client.post(reverse("deals_deals:win", args=[own.pk]))
    for address, sent in (
        (reverse("deals_deals:reopen", args=[own.pk]), {}),
        (reverse("deals_deals:add_contact", args=[own.pk]), {"contact": contact.pk}),
        (reverse("deals_deals:remove_contact", args=[own.pk, part.pk]), {}),
    ):
        page = client.post(address, sent, follow=True)
        assert page.context["messages"]
        assert "sales manager can" in " ".join(map(str, page.context["messages"]))
    own.refresh_from_db()
    assert own.status == "won"
    assert list(own.deal_contacts.all()) == [part]
    page = client.get(deal_url(own))
    assert "A sales manager can change or reopen it." in page.text
    for address in ("reopen", "add_contact"):
        assert reverse(f"deals_deals:{address}", args=[own.pk]) not in page.text


def test_a_sales_manager_opens_deals_again_and_the_deal_says_so(signed_in, sales_manager, own):
    client = signed_in(sales_manager)
    client.post(reverse("deals_deals:win", args=[own.pk]))
    client.post(reverse("deals_deals:reopen", args=[own.pk]), {"reason": "It was lost."})
    assert "Reopened" in client.get(deal_url(own)).text
    client.post(reverse("deals_deals:lose", args=[own.pk]))
    assert "Closed twice" in client.get(deal_url(own)).text


def test_a_deal_closed_twice_says_so_wherever_it_is_counted(signed_in, leader, own, watched):
    now = timezone.now()
    Deal.objects.update(
        status="won", closed_at=now, times_closed=2, earlier_closed_at=now - dt.timedelta(days=5)
    )
    for address in (
        deal_url(own),
        reverse("deals_deals:index"),
        influence_url(),
        evidence_url(),
        reverse("deals_compared") + "?compared=all&side=with",
    ):
        assert "Closed twice" in signed_in(leader).get(address).text


def test_the_creation_of_a_closed_deal_is_changed_by_those_who_may_alone(signed_in, own):
    editor = UserFactory()
    for name in ("view_deal", "view_every_deal", "change_deal"):
        editor.user_permissions.add(Permission.objects.get(codename=name))
    editor.user_permissions.add(Permission.objects.get(codename="access_admin"))
    created_at = own.created_at
    Deal.objects.update(status="won", closed_at=timezone.now())
    day = timezone.localtime(created_at - dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    sent = {"name": "Renamed", "amount": "1", "currency": "EUR", "created_at": day}
    address = reverse("deals_deals:edit", args=[own.pk])
    page = signed_in(editor).post(address, sent, follow=True)
    assert page.redirect_chain == [(deal_url(own), 302)]
    assert "A sales manager can change or reopen it" in page.text
    own.refresh_from_db()
    assert (own.name, own.created_at) == ("Mine", created_at)

    editor.user_permissions.add(Permission.objects.get(codename="change_closed_deal"))
    assert "required" in signed_in(editor).post(address, sent).text
    sent["reason"] = "The CRM had the day of the import."
    assert signed_in(editor).post(address, sent).status_code == 302
    own.refresh_from_db()
    assert (own.name, own.status) == ("Renamed", "won")
    assert own.created_at < created_at


@pytest.mark.parametrize("role", [Role.LEADER, Role.FINANCE, Role.PRODUCER])
def test_nobody_else_closes_deals(signed_in, other, role):
    client = signed_in(UserFactory(role=role))
    assert client.post(reverse("deals_deals:win", args=[other.pk])).status_code in {403, 404, 302}
    other.refresh_from_db()
    assert other.status == "open"


def test_a_deal_that_an_expert_adds_is_their_own(signed_in, rep, other):
    page = signed_in(rep).post(
        reverse("deals_deals:add"),
        {
            "name": "New",
            "amount": "12.50",
            "currency": "eur",
            "created_at": "2026-01-05T10:00",
            "owner": other.owner.pk,
        },
    )
    deal = Deal.objects.exclude(pk=other.pk).get()
    assert page.url == deal_url(deal)
    assert (deal.owner, deal.amount, deal.currency) == (rep, Decimal("12.50"), "EUR")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"currency": ""}, "Enter the currency of the amount"),
        ({"currency": "ZZZ"}, "not a currency code"),
    ],
)
def test_a_deal_with_an_unclear_amount_is_refused(signed_in, sales_manager, changed, reason):
    good = {"name": "New", "amount": "1", "currency": "EUR", "created_at": "2026-01-05T10:00"}
    page = signed_in(sales_manager).post(reverse("deals_deals:add"), good | changed)
    assert reason in page.text
    assert not Deal.objects.exists()


def test_editing_keeps_the_second_of_the_creation(signed_in, sales_manager):
    deal = DealFactory()
    created_at = deal.created_at
    page = signed_in(sales_manager).post(
        reverse("deals_deals:edit", args=[deal.pk]),
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


def wall(instant):
    """An instant as a form's field writes it."""
    return timezone.localtime(instant).strftime("%Y-%m-%dT%H:%M")


def test_no_form_takes_a_creation_in_the_future(signed_in, sales_manager):
    client, future = signed_in(sales_manager), timezone.now() + dt.timedelta(days=2)
    fields = {"name": "New", "amount": "1", "currency": "EUR"}
    page = client.post(reverse("deals_deals:add"), fields | {"created_at": wall(future)})
    assert "cannot be created in the future" in page.text
    assert not Deal.objects.exists()

    deal = DealFactory(created_at=future, imported=True)  # as the CRM says
    address = reverse("deals_deals:edit", args=[deal.pk])
    later = client.post(address, fields | {"created_at": wall(future + dt.timedelta(days=1))})
    assert "cannot be created in the future" in later.text
    assert client.post(address, fields | {"created_at": wall(future)}).status_code == 302
    deal.refresh_from_db()
    assert (deal.name, deal.created_at) == ("New", future)


def test_no_report_is_as_of_the_future(signed_in, leader):
    future = timezone.now() + dt.timedelta(days=2)
    for name in ("deals_influence", "deals_evidence", "deals_compared"):
        page = signed_in(leader).get(reverse(name), {"as_of": wall(future)})
        assert "This is in the future." in page.text
        assert "report" not in page.context


def test_a_deal_that_closes_later_is_not_won_yet_and_says_when(
    signed_in, sales_manager, own, watched
):
    closes_at = timezone.now() + dt.timedelta(days=40)
    Deal.objects.update(
        status="won", closed_at=closes_at, close_recorded_at=timezone.now(), times_closed=1
    )
    client = signed_in(sales_manager)
    report = client.get(influence_url())
    assert report.context["report"].totals.won_deals == 0
    assert [row["deal"] for row in report.context["open"]] == [own]
    day = timezone.localtime(closes_at)
    said = f"Won, closes on {day:%-d %b %Y}"
    for address in (reverse("deals_deals:index"), deal_url(own), evidence_url(deal=own.public_id)):
        text = client.get(address).text
        assert text.count(f"{day:%-d %b %Y}") == text.count(said) == 1
    assert "by the contacts above, so far." in client.get(deal_url(own)).text


def test_the_list_marks_deals_as_their_pages_do(
    signed_in, sales_manager, own, watched, django_assert_num_queries
):
    def marks():
        table = BeautifulSoup(client.get(reverse("deals_deals:index")).text, "html.parser")
        return {
            row.a.get_text(strip=True): [
                badge.get_text(strip=True) for badge in row.select(".ui-badge")[1:]
            ]
            for row in table.select("table tbody tr")
        }

    closed_at = timezone.now() - dt.timedelta(days=1)
    closed = {"status": "won", "closed_at": closed_at, "imported": True}
    recorded = {"close_recorded_at": closed_at, "first_close_recorded_at": closed_at}
    client = signed_in(sales_manager)
    Deal.objects.update(**closed, **recorded)
    own.deal_contacts.update(added_at=timezone.now())
    DealFactory(name="Plain", **closed, **recorded, times_closed=1)
    DealFactory(name="By hand")
    DealFactory(name="Changed", **closed, **recorded, changed_at=timezone.now())
    DealFactory(name="Again", **closed, **recorded, times_closed=2)
    assert marks() == {
        "Mine": ["Known after the close"],
        "Plain": [],
        "By hand": ["Entered by hand"],
        "Changed": ["Changed after the close"],
        "Again": ["Closed twice"],
    }
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("deals_deals:index"))
    for contact in ContactFactory.create_batch(5):
        DealContactFactory(deal=DealFactory(**closed, **recorded), contact=contact)
    with django_assert_num_queries(len(few)):
        client.get(reverse("deals_deals:index"))


def test_a_double_click_does_each_act_on_a_deal_once(signed_in, sales_manager, own):
    client = signed_in(sales_manager)

    def twice(shown, address, **fields):
        """Sends a form twice with the key that its page shows last."""
        key = re.findall(r'name="once" value="([^"]+)"', client.get(shown).text)[-1]
        pages = [client.post(address, {"once": key, **fields}, follow=True) for _ in range(2)]
        assert "This form was sent before and took effect once" in pages[1].text
        assert pages[0].request["PATH_INFO"] == pages[1].request["PATH_INFO"]

    new = {"name": "Twice", "currency": "EUR", "created_at": "2026-01-05T10:00"}
    twice(reverse("deals_deals:add"), reverse("deals_deals:add"), **new)
    assert Deal.objects.filter(name="Twice").count() == 1
    page = deal_url(own)
    twice(page, reverse("deals_deals:add_contact", args=[own.pk]), contact=ContactFactory().pk)
    part = own.deal_contacts.get()
    twice(page, reverse("deals_deals:remove_contact", args=[own.pk, part.pk]))
    for act in ("win", "reopen", "lose"):
        twice(page, reverse(f"deals_deals:{act}", args=[own.pk]), reason="Mistyped.")
    own.refresh_from_db()
    assert (own.status, own.times_closed, own.deal_contacts.count()) == ("lost", 2, 0)


def test_the_two_buttons_that_close_a_deal_have_a_key_each(signed_in, rep, own):
    client = signed_in(rep)
    page = BeautifulSoup(client.get(deal_url(own)).text, "html.parser")
    won, lost = (button["value"] for button in page.select(".deals-close button[name=once]"))
    client.post(reverse("deals_deals:win", args=[own.pk]), {"once": won})
    page = client.post(reverse("deals_deals:lose", args=[own.pk]), {"once": lost}, follow=True)
    assert "is already closed: Won" in page.text
    assert Deal.objects.get().status == "won"


def test_contacts_are_added_and_removed_by_hand(signed_in, rep, own):
    client, contact = signed_in(rep), ContactFactory()
    add = reverse("deals_deals:add_contact", args=[own.pk])
    client.post(add, {"contact": contact.pk, "role": "signs"})
    page = client.post(add, {"contact": contact.pk, "role": "signs"}, follow=True)
    assert "already has this role in the deal" in page.text
    part = own.deal_contacts.get()
    assert (part.contact, part.role) == (contact, "signs")
    client.post(reverse("deals_deals:remove_contact", args=[own.pk, part.pk]))
    assert not own.deal_contacts.exists()


def test_a_refused_act_says_why(signed_in, rep, own):
    client = signed_in(rep)
    future = (timezone.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = client.post(reverse("deals_deals:win", args=[own.pk]), {"at": future}, follow=True)
    assert "cannot close in the future" in page.text
    own.refresh_from_db()
    assert own.status == "open"


def test_a_deal_s_page_shows_what_its_contacts_watched(signed_in, rep, own, watched):
    page = signed_in(rep).get(deal_url(own))
    for shown in (watched.video.title, "Ann Buyer", "12.5\N{NO-BREAK SPACE}s", "1,000.00"):
        assert shown in page.text


def rows_in(page):
    return len(BeautifulSoup(page.text, "html.parser").select("tbody tr"))


def test_a_flood_through_one_link_makes_no_page_longer(
    signed_in, sales_manager, own, watched, django_assert_max_num_queries
):
    at = watched.started_at
    View.objects.bulk_create(
        View(
            public_id=f"flood{number:04}",
            video=watched.video,
            share_link=watched.share_link,
            started_at=at + dt.timedelta(seconds=number),
            seconds_watched=Decimal(10),
            counted_at=at + dt.timedelta(seconds=number + 5),
        )
        for number in range(1, 2000)
    )
    client = signed_in(sales_manager)
    with django_assert_max_num_queries(30):
        page = client.get(deal_url(own))
    assert rows_in(page) == 50
    shown = [touch.view_id for touch in page.context["touches"]]
    assert shown == [f"flood{number:04}" for number in range(1999, 1949, -1)]
    assert "These are the latest 50 of 2000 touches." in page.text
    every = evidence_url(deal=own.public_id)
    assert f'href="{every}"' in page.text
    client.post(reverse("deals_deals:win", args=[own.pk]))
    with django_assert_max_num_queries(30):
        first = client.get(every)
    last = client.get(f"{every}&p=40")
    assert rows_in(first) == rows_in(last) == 50
    assert "Page 40 of 40" in last.text
    for page in (first, last):
        assert (page.context["count"], page.context["total"]) == (
            2000,
            "1,000.00\N{NO-BREAK SPACE}EUR",
        )
    link, contact = watched.share_link, watched.share_link.contact
    for address in (link_url(link), contact_url(contact)):
        for number in (1, 40):
            with django_assert_max_num_queries(30):
                page = client.get(f"{address}?p={number}")
            assert len(page.context["views"].data) == 50
            assert f"Page {number} of 40" in page.text


def test_a_won_deal_s_revenue_opens_into_its_view(signed_in, sales_manager, rep, own, watched):
    signed_in(rep).post(reverse("deals_deals:win", args=[own.pk]))
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


def test_evidence_says_when_a_view_was_heard_of_and_through_what_it_is_theirs(
    signed_in, sales_manager, own, watched
):
    before = watched.started_at - dt.timedelta(hours=1)
    counted_at = before + dt.timedelta(minutes=7)
    anonymous = ViewFactory(viewer=watched.viewer, started_at=before, counted_at=counted_at)
    imported = ViewFactory(
        contact=watched.share_link.contact,
        imported=True,
        started_at=before,
        counted_at=before,
        viewer=None,
    )
    page = signed_in(sales_manager).get(evidence_url(deal=own.public_id))
    found = {touch.view_id: touch for touch in page.context["touches"]}
    assert found[watched.public_id].counted_at == watched.counted_at
    assert found[watched.public_id].through is None
    assert found[anonymous.public_id].counted_at == counted_at
    assert found[anonymous.public_id].through.view == watched.public_id
    assert (found[imported.public_id].counted_at, found[imported.public_id].imported) == (
        None,
        True,
    )
    for said in ("imported", "named by the import", "by a view of the same browser"):
        assert said in page.text


def test_what_hangs_on_a_contact_added_after_the_close_is_marked_and_summed_apart(
    signed_in, sales_manager, own, watched
):
    client = signed_in(sales_manager)
    part = own.deal_contacts.get()
    client.post(reverse("deals_deals:remove_contact", args=[own.pk, part.pk]))
    client.post(reverse("deals_deals:win", args=[own.pk]))
    assert "after the close" not in client.get(influence_url()).text
    sent = {"contact": part.contact_id, "reason": "She signed."}
    client.post(reverse("deals_deals:add_contact", args=[own.pk]), sent)

    deal = client.get(deal_url(own))
    assert "known after the close" in deal.text
    assert "added after the close" in deal.text
    assert (deal.context["late"], deal.context["late_amount"]) == (
        1,
        "1,000.00\N{NO-BREAK SPACE}EUR",
    )
    evidence = client.get(evidence_url())
    assert [touch.is_late for touch in evidence.context["touches"]] == [True]
    assert evidence.context["late_credit"] == "1,000.00\N{NO-BREAK SPACE}EUR"
    report = client.get(influence_url())
    assert report.context["late_revenue"] == "1,000.00\N{NO-BREAK SPACE}EUR"
    assert "1 touch depends on something known only after the close" in report.text
    yesterday = (timezone.now() - dt.timedelta(days=1)).date()
    signed = signed_since(OwnReport(sales_manager, yesterday), yesterday)
    assert signed.late_revenue == "1,000.00\N{NO-BREAK SPACE}EUR"


def test_the_report_prints_the_model_s_definition(signed_in, leader):
    page = signed_in(leader).get(influence_url(model="u_shaped"))
    assert "40% to the first touch, 40% to the lead touch, 20% equally to the rest." in page.text
    assert "too few to tell" in page.text


def test_a_missing_rate_is_said_on_the_page(signed_in, leader, own, watched):
    Deal.objects.update(status="won", closed_at=timezone.now(), currency="USD")
    for address in (influence_url(), evidence_url()):
        page = signed_in(leader).get(address)
        assert page.status_code == 200
        assert "1 won deal has no rate of exchange" in page.text
        assert "USD to EUR, closed on" in page.text


def test_an_unclear_question_is_said_beside_its_field(signed_in, leader):
    page = signed_in(leader).get(reverse("deals_influence") + "?from=2026-02-01&to=2026-01-01")
    assert "The last day is before the first." in page.text


def test_a_video_s_page_shows_its_touches(signed_in, sales_manager, own, watched):
    client = signed_in(sales_manager)
    panel = reverse("planning_video_panel", args=[watched.video.pk, "touches"])
    assert panel in client.get(reverse("planning_videos:inspect", args=[watched.video.pk])).text

    page = client.get(panel)
    assert "Ann Buyer" in page.text
    assert "See the touch" in page.text


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
        reverse("deals_deals:index"),
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


DOUBLED = [dt.datetime(2025, 11, 2, hour, 30, 7, tzinfo=dt.UTC) for hour in (5, 6)]


@pytest.mark.parametrize("created_at", DOUBLED)
def test_a_deal_created_in_the_doubled_hour_is_edited_without_moving(
    signed_in, sales_manager, settings, created_at
):
    settings.TIME_ZONE = "America/New_York"
    deal = DealFactory(created_at=created_at)
    address = reverse("deals_deals:edit", args=[deal.pk])
    client = signed_in(sales_manager)
    assert 'name="created_at_which"' in client.get(address).text
    fields = {"name": "Renamed", "amount": "1", "currency": "EUR", "created_at": "2025-11-02T01:30"}
    assert client.post(address, fields).status_code == 302
    deal.refresh_from_db()
    assert (deal.name, deal.created_at) == ("Renamed", created_at)
    other = DOUBLED[1 - DOUBLED.index(created_at)].replace(second=0)
    which = str(DOUBLED.index(other.replace(second=7)))
    page = client.post(address, fields | {"created_at_which": which}, follow=True)
    deal.refresh_from_db()
    assert deal.created_at == other
    assert "01:30 comes twice that day" in page.text


def test_a_deal_is_closed_in_the_doubled_hour_and_said_which(signed_in, sales_manager, settings):
    settings.TIME_ZONE = "America/New_York"
    client = signed_in(sales_manager)
    for which, hour, said in (("", 5, "the first (EDT"), ("1", 6, "the second (EST")):
        deal = DealFactory(created_at=DOUBLED[0])
        if which == "":
            deal.created_at = DOUBLED[0].replace(second=0)
            deal.save()
        page = client.post(
            reverse("deals_deals:win", args=[deal.pk]),
            {"at": "2025-11-02T01:30", "at_which": which},
            follow=True,
        )
        deal.refresh_from_db()
        assert deal.closed_at == dt.datetime(2025, 11, 2, hour, 30, tzinfo=dt.UTC)
        assert said in page.text


def test_a_deal_of_the_second_half_of_the_doubled_hour_is_closed_in_it(
    signed_in, sales_manager, settings
):
    settings.TIME_ZONE = "America/New_York"
    deal = DealFactory(created_at=DOUBLED[1])
    page = signed_in(sales_manager).post(
        reverse("deals_deals:win", args=[deal.pk]), {"at": "2025-11-02T01:45"}, follow=True
    )
    deal.refresh_from_db()
    assert deal.closed_at == dt.datetime(2025, 11, 2, 6, 45, tzinfo=dt.UTC)
    assert "01:45 comes twice that day; this is the second (EST" in page.text
    history = signed_in(sales_manager).get(reverse("deals_deals:history", args=[deal.pk])).text
    assert "01:45 (EST, UTC−05:00)" in history


@pytest.mark.parametrize("address", ["win", "edit"])
def test_a_time_that_clocks_skip_is_refused_with_the_nearest(
    signed_in, sales_manager, settings, address
):
    settings.TIME_ZONE = "America/New_York"
    created_at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    deal = DealFactory(created_at=created_at)
    fields = {"name": "X", "amount": "1", "currency": "EUR"}
    page = signed_in(sales_manager).post(
        reverse(f"deals_deals:{address}", args=[deal.pk]),
        fields | {"at": "2026-03-08T02:30", "created_at": "2026-03-08T02:30"},
        follow=True,
    )
    assert "The nearest times are 01:59 and 03:00." in page.text
    deal.refresh_from_db()
    assert (deal.status, deal.created_at) == ("open", created_at)


def test_as_of_in_the_doubled_hour_is_either_and_asked_which(signed_in, leader, settings):
    settings.TIME_ZONE = "America/New_York"
    client = signed_in(leader)
    for which, hour in (("", 5), ("1", 6)):
        query = {"as_of": "2025-11-02T01:30", "as_of_which": which}
        page = client.get(influence_url(), query)
        found = page.context["report"].params.as_of
        assert found == dt.datetime(2025, 11, 2, hour, 30, tzinfo=dt.UTC)
        assert 'name="as_of_which"' in page.text
        assert f"01:30:00 ({('EDT', 'EST')[hour - 5]}" in page.text
