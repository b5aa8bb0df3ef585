"""The influence report for people: every number opens into its rows, one bad row hides no other,
and an unclear question gets no number at all.
"""

import datetime as dt
import re
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from studio.rates.models import Rate
from tests.budgets.factories import LineFactory
from tests.factories import (
    ContactFactory,
    ExpertFactory,
    ShareLinkFactory,
    UserFactory,
    VideoFactory,
    ViewFactory,
)
from tests.videos.deals.factories import DealContactFactory, DealFactory, store_amount
from videos.deals.models import Deal
from videos.deals.urls_for import deal_url, deals_behind_url, evidence_url, influence_url

pytestmark = pytest.mark.django_db
NOW = timezone.now()
REP = "rep@studio.example"


def days_ago(days):
    return NOW - dt.timedelta(days=days)


def close_day(deal):
    return timezone.localdate(deal.closed_at)


@pytest.fixture
def videos():
    return [VideoFactory(stage="published", title=title) for title in ("Prices", "Delivery")]


@pytest.fixture
def made(videos):
    """`made(name, …)` is a deal with so many touches, by one contact, of both videos in turn."""

    def make(name, status="won", touches=0, closed=5, **fields):
        contact = ContactFactory()
        deal = DealFactory(
            public_id=name,
            name=f"Deal {name}",
            owner_email=REP,
            status=status,
            closed_at=None if status == "open" else days_ago(closed),
            created_at=days_ago(30),
            **fields,
        )
        DealContactFactory(deal=deal, contact=contact)
        links = [ShareLinkFactory(video=video, contact=contact) for video in videos]
        for number in range(touches):
            link = links[number % 2]
            ViewFactory(
                video=link.video, share_link=link, started_at=days_ago(28) + dt.timedelta(number)
            )
        return deal

    return make


@pytest.fixture
def world(made):
    """Deals of every kind: won, lost and open; with touches and without; and three strange ones."""
    return {
        deal.public_id: deal
        for deal in (
            made("A", touches=3, amount=Decimal("1000.01")),
            made("B", touches=1, amount=Decimal("500")),
            made("C", amount=Decimal("70.50")),
            made("D", status="lost", touches=2),
            made("E", status="lost"),
            made("F", status="open", touches=2),
            made("unknown", touches=1, amount=None, currency=""),
            made("dollars", touches=1, amount=Decimal("900"), currency="USD"),
            made("pounds", amount=Decimal("800"), currency="GBP", closed=9),
            made("absurd", touches=2),
        )
    }


@pytest.fixture
def strange(world):
    store_amount("absurd", "1e999999")
    return world


@pytest.fixture
def client(signed_in, sales_manager):
    return signed_in(sales_manager)


def text_of(page):
    return re.sub(r"\s+", " ", BeautifulSoup(page.text, "html.parser").get_text(" "))


def numbers_that_open(page):
    """(label, number, address) of every link of a page that opens rows behind a number."""
    soup = BeautifulSoup(page.text, "html.parser")
    behind = (reverse("deals_evidence"), reverse("deals_compared"))
    return [
        (label_of(link), link.get_text(strip=True), link["href"])
        for link in soup.select("main a[href]")
        if link["href"].startswith(behind)
    ]


def label_of(link):
    """What a number is called: the column of its cell, or the term of its fact."""
    cell = link.find_parent("td")
    return cell["data-label"] if cell else link.find_parent("div").dt.get_text(strip=True)


def sums_on(page):
    """What a page of evidence adds up: its facts, as text."""
    soup = BeautifulSoup(page.text, "html.parser")
    return {
        fact.dt.get_text(strip=True): fact.dd.get_text(strip=True)
        for fact in soup.select("main dl.deals-totals > div")
    }


# A6: a number and its evidence

MODEL = "Credit (Linear)"
SUM_OF = {
    "Influenced revenue": "Won revenue",
    "Won revenue": "Won revenue",
    "Influenced deals": "Deals",
    "Won deals": "Deals",
    "Touches": "Touches",
    "Videos": "Videos",
    "Influenced": "Won revenue",
    "Credit": MODEL,
    "Amount": MODEL,
    "Closed": "Deals",
    "Won": "Deals",
}
NO_SUM = {text: text for text in ("not known", "no rate", "out of bounds")}


@pytest.mark.parametrize("asked", [{}, {"lookback_days": "26"}, {"landmark_days": "3"}])
def test_every_number_opens_into_rows_with_its_count_or_sum(client, strange, asked):
    found = numbers_that_open(client.get(influence_url(**asked)))
    assert len(found) > 30
    unlike = [
        (label, number, address)
        for label, number, address in found
        if number != sums_on(client.get(address)).get(SUM_OF[label], NO_SUM.get(number))
    ]
    assert unlike == []


def test_the_four_won_counts_open_the_won_deals_of_their_side(client, world):
    comparisons = client.get(influence_url()).context["comparisons"]
    for comparison in comparisons:
        for row in comparison["sides"]:
            closed = client.get(row["url"]).context["deals"]
            won = client.get(row["won_url"]).context["deals"]
            assert (len(closed), len(won)) == (row["side"].closed, row["side"].won)
            assert {deal["deal"].status for deal in won} <= {"won"}
    sides = [[row["side"].won for row in comparison["sides"]] for comparison in comparisons]
    assert sides == [[5, 2], [5, 2]]
    assert [row["side"].closed for row in comparisons[0]["sides"]] == [6, 3]


def test_won_deals_and_won_revenue_open_all_won_deals_with_amounts_and_sum(client, world):
    page = client.get(influence_url())
    soup = BeautifulSoup(page.text, "html.parser")
    facts = {div.dt.get_text(): div.dd.a["href"] for div in soup.select("dl.deals-totals > div")}
    assert facts["Won deals"] == facts["Won revenue"]
    behind = client.get(facts["Won deals"])
    assert [row["amount"] for row in behind.context["deals"]] == [
        "1,000.01\xa0EUR",
        "500.00\xa0EUR",
        "70.50\xa0EUR",
        "1,000.00\xa0EUR",
        "no rate",
        "no rate",
        "not known",
    ]
    assert sums_on(behind) == {"Deals": "7", "Won": "7", "Won revenue": "2,570.51\xa0EUR"}


def test_the_table_of_influenced_deals_is_named_so(client, world):
    soup = BeautifulSoup(client.get(influence_url()).text, "html.parser")
    (panel,) = [p for p in soup.select("section") if "Deal A" in p.get_text()]
    assert panel.h2.get_text(strip=True) == "Influenced deals"
    assert "Deal C" not in panel.get_text()


def test_a_report_says_as_of_when_with_which_model_and_window(client, world):
    asked = {
        "from": "2026-01-01",
        "to": "2100-01-31",
        "lookback_days": "45",
        "landmark_days": "7",
    }
    for address in (influence_url(**asked), evidence_url(**asked), deals_behind_url(**asked)):
        text = text_of(client.get(address))
        for words in (
            "Deals that closed from 1 Jan 2026 to 31 Jan 2100, both days included (UTC).",
            "As of ",
            "(UTC). Amounts in EUR.",
            "at most 45 days (of 24 h) before.",
            "The landmark is 7 days (of 24 h) after a deal was created.",
        ):
            assert words in text
    shown = text_of(client.get(influence_url(model="u_shaped", **asked)))
    assert "40% to the first touch" in shown
    assert "There is no look-back limit" in text_of(client.get(influence_url()))


def test_evidence_is_as_of_the_instant_of_its_number(client, made):
    made("A", touches=1)
    (row,) = client.get(influence_url()).context["videos"]
    made("later", touches=1, closed=1)
    assert Deal.objects.filter(public_id="later").update(closed_at=timezone.now())
    assert client.get(row["url"]).context["deal_count"] == 1
    assert client.get(evidence_url(status="won")).context["deal_count"] == 2


@pytest.mark.parametrize(("closed", "is_told"), [(19, False), (20, True)])
def test_too_few_to_tell_stands_instead_of_the_numbers(client, closed, is_told):
    DealFactory.create_batch(closed, status="won", closed_at=days_ago(1))
    soup = BeautifulSoup(client.get(influence_url()).text, "html.parser")
    rows = [row.get_text(" ", strip=True) for row in soup.select("#compared-content tr, tr")]
    (without, *_landmark) = [row for row in rows if row.startswith("Without ")]
    assert ("100 %" in without) == is_told
    assert ("too few to tell" in without) != is_told


# A4: what cannot be converted is listed, and hides nothing


def test_one_bad_or_strange_row_never_hides_the_rest_from_people(client, strange):
    page = client.get(influence_url())
    assert page.context["won_revenue"] == "1,570.51\xa0EUR"
    assert page.context["influenced_revenue"] == "1,500.01\xa0EUR"
    assert page.context["report"].totals.won_deals == 7
    excluded_deals = page.context["excluded_deals"]
    assert [
        (g.deal.name, g.from_currency, g.to_currency, g.day) for g in excluded_deals.without_rate
    ] == [
        ("Deal dollars", "USD", "EUR", close_day(strange["dollars"])),
        ("Deal pounds", "GBP", "EUR", close_day(strange["pounds"])),
    ]
    assert [deal.name for deal in excluded_deals.out_of_bounds] == ["Deal absurd"]
    assert [deal.name for deal in excluded_deals.without_amount] == ["Deal unknown"]
    for name in ("dollars", "pounds", "absurd", "unknown"):
        assert deal_url(strange[name]) in page.text


def test_a_gap_leads_to_a_form_that_fills_it_and_back(client, strange):
    gap = client.get(influence_url()).context["excluded_deals"].without_rate[0]
    form = client.get(gap.url).context["form"]
    given = {name: form[name].value() for name in ("day", "from_currency", "to_currency")}
    assert given == {
        "day": close_day(strange["dollars"]).isoformat(),
        "from_currency": "USD",
        "to_currency": "EUR",
    }
    back = client.post(gap.url, {**given, "rate": "0.5"})
    assert back.url == influence_url()
    page = client.get(back.url)
    assert page.context["won_revenue"] == "2,020.51\xa0EUR"
    assert [gap.deal.name for gap in page.context["excluded_deals"].without_rate] == ["Deal pounds"]


def test_a_rate_out_of_bounds_is_no_rate(client, strange):
    day = close_day(strange["dollars"])
    Rate.objects.create(day=day, from_currency="USD", to_currency="EUR", rate=1)
    store_amount("absurd", "1")
    assert len(client.get(influence_url()).context["excluded_deals"].without_rate) == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rates_rate SET rate = '1e999999'")
    page = client.get(influence_url())
    assert (page.status_code, len(page.context["excluded_deals"].without_rate)) == (200, 2)


def test_only_who_may_enter_rates_is_led_to_the_form(signed_in, strange):
    for role, may in (
        (Role.SALES_MANAGER, True),
        (Role.FINANCE, True),
        (Role.LEADER, False),
        (Role.PRODUCER, False),
    ):
        page = signed_in(UserFactory(role=role)).get(influence_url())
        assert ("Deal dollars" in page.text, "Add the rate" in page.text) == (True, may)
        assert ("Finance or a sales manager can enter it" in page.text) != may


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.FINANCE, Role.LEADER, Role.EXPERT])
@pytest.mark.parametrize("has_period", [True, False])
def test_every_home_page_reports_the_rest_and_lists_the_gaps(signed_in, strange, role, has_period):
    user = UserFactory(role=role, email=REP)
    if role == Role.EXPERT:
        ExpertFactory(user=user)
    if has_period:
        period = LineFactory().period
        period.starts_on = min(period.starts_on, close_day(strange["pounds"]))
        period.save()
    page = signed_in(user).get("/admin/")
    text = text_of(page)
    assert "1,570.51 EUR" in text.replace("\xa0", " ")
    for words in ("Deal dollars", "USD to EUR", "Deal pounds", "GBP to EUR", "Deal absurd"):
        assert words in text


def test_a_video_s_page_reports_the_rest_and_lists_its_own_gaps(client, strange, videos):
    panel = client.get(reverse("planning_video_panel", args=[videos[0].pk, "touches"]))
    text = text_of(panel).replace("\xa0", " ")
    assert "1,500.01 EUR" in text
    for words in ("Deal dollars", "USD to EUR", "Deal absurd"):
        assert words in text
    assert "Deal pounds" not in text  # no video touched it


def test_the_pages_of_a_deal_out_of_bounds_stand(client, strange):
    absurd = strange["absurd"]
    for address in (
        deal_url(absurd),
        reverse("deals_deals:index"),
        reverse("deals_deals:edit", args=[absurd.pk]),
        evidence_url(deal="absurd"),
    ):
        assert client.get(address).status_code == 200
    assert "out of bounds" in client.get(deal_url(absurd)).text
    client.post(
        reverse("deals_deals:edit", args=[absurd.pk]),
        {
            "name": "Put right",
            "amount": "10",
            "currency": "EUR",
            "created_at": timezone.localtime(absurd.created_at).strftime("%Y-%m-%dT%H:%M"),
            "reason": "The amount was mistyped.",
        },
    )
    assert client.get(influence_url()).context["excluded_deals"].out_of_bounds == []


def test_seconds_and_durations_out_of_bounds_from_before_stop_no_page(client, world, videos):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audience_view SET seconds_watched = '1e999999'")
        cursor.execute("UPDATE planning_video SET duration_seconds = '1e999999'")
    for address in (
        influence_url(),
        evidence_url(),
        deal_url(world["A"]),
        reverse("audience_views:index"),
        reverse("planning_videos:index"),
        reverse("planning_videos:inspect", args=[videos[0].pk]),
    ):
        assert client.get(address).status_code == 200
    assert "out of bounds" in client.get(evidence_url()).text


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1e999999", "without an exponent"),
        ("1e3", "without an exponent"),
        ("NaN", "Enter a number."),
        ("Infinity", "Enter a number."),
        (str(10**30), "at most 15 digits before the point"),
        ("0.12345678901", "at most 10 digits after the point"),
        ("٣", "Enter a number."),
        ("1.000", "can be read as 1.00 or as 1,000"),
        ("5 USD", "This amount is in EUR"),
    ],
)
def test_a_deal_s_amount_is_plain_and_bounded(client, amount, words):
    good = {"name": "New", "currency": "EUR", "created_at": "2026-01-05T10:00"}
    page = client.post(reverse("deals_deals:add"), {**good, "amount": amount})
    assert (page.status_code, words in page.text) == (200, True)
    assert not Deal.objects.exists()


def test_there_is_no_minus_zero(client):
    good = {"name": "New", "currency": "EUR", "created_at": "2026-01-05T10:00", "amount": "-0.00"}
    client.post(reverse("deals_deals:add"), good)
    assert str(Deal.objects.get().amount) == "0.00"


# A5: no numbers without an understood question


@pytest.mark.parametrize(
    "asked",
    [
        {"lookback_days": "-1"},
        {"lookback_days": "1e3"},
        {"lookback_days": "٣"},
        {"lookback_days": "9" * 5000},
        {"landmark_days": "NaN"},
        {"from": "2026-01-32"},
        {"to": "32 January"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"model": "best"},
        {"as_of": "yesterday"},
        {"as_of": "0001-01-01T00:00"},
        {"as_of": "9999-12-31T23:59"},
        {"as_of": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_an_unclear_question_is_answered_with_its_mistakes_and_no_number(client, world, asked):
    for address in (influence_url(**asked), evidence_url(**asked), deals_behind_url(**asked)):
        page = client.get(address)
        assert (page.status_code, "report" in page.context) == (200, False)
        assert "Please correct the errors below." in page.text
        assert BeautifulSoup(page.text, "html.parser").select("main .error-message")
        assert numbers_that_open(page) == []
        assert "EUR" not in text_of(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "maybe"},
        {"compared": "all", "side": "left"},
        {"compared": "some", "side": "with"},
        {"compared": "all"},
        {"side": "with"},
        {"now": "then"},
    ],
)
def test_evidence_of_nothing_that_is_known_has_no_number_either(client, world, asked):
    for address in (evidence_url(**asked), deals_behind_url(**asked)):
        page = client.get(address)
        assert (page.status_code, "report" in page.context) == (200, False)
        assert "Please correct the errors below." in page.text


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("deals_deals:index", {"closed_at_after": "2026-01-32"}),
        ("deals_deals:index", {"status": "maybe"}),
        ("planning_videos:index", {"stage": "nowhere"}),
        ("audience_views:index", {"video": "none"}),
    ],
)
def test_a_list_under_an_unclear_filter_shows_no_row(client, world, name, asked):
    assert list(client.get(reverse(name)).context["object_list"]) != []
    page = client.get(reverse(name), asked)
    assert (page.status_code, list(page.context["object_list"])) == (200, [])
    assert "These filters are not clear" in page.text
