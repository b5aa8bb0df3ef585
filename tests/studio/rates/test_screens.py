"""Rates of exchange are entered by those who may, and only sensible ones."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from studio.rates.models import Rate
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ADD = "rates_rates:add"


@pytest.fixture
def client(signed_in, finance):
    return signed_in(finance)


def fields(**changed):
    return {
        "day": "2026-02-10",
        "from_currency": "usd",
        "to_currency": "EUR",
        "rate": "0.9",
        **changed,
    }


@pytest.mark.parametrize("role", [Role.FINANCE, Role.SALES_MANAGER])
def test_finance_and_the_sales_manager_enter_change_and_remove_a_rate(signed_in, role):
    client = signed_in(UserFactory(role=role))
    assert client.post(reverse(ADD), fields()).url == reverse("rates_rates:index")
    rate = Rate.objects.get()
    assert (rate.day, rate.from_currency, rate.to_currency, rate.rate) == (
        dt.date(2026, 2, 10),
        "USD",
        "EUR",
        Decimal("0.9"),
    )
    assert "0.9" in client.get(reverse("rates_rates:index")).text
    client.post(reverse("rates_rates:edit", args=[rate.pk]), fields(rate="0.0000001"))
    edit = client.get(reverse("rates_rates:edit", args=[rate.pk]))
    assert 'value="0.0000001"' in edit.text
    history = client.get(reverse("rates_rates:history", args=[rate.pk]))
    assert [entry.action for entry in history.context["object_list"]] == [
        "wagtail.edit",
        "wagtail.create",
    ]
    client.post(reverse("rates_rates:delete", args=[rate.pk]))
    assert not Rate.objects.exists()


def test_a_leader_reads_the_rates_and_changes_none(signed_in, leader):
    client = signed_in(leader)
    Rate.objects.create(day="2026-02-10", from_currency="USD", to_currency="EUR", rate="0.9")
    page = client.get(reverse("rates_rates:index"))
    assert (page.status_code, "USD" in page.text) == (200, True)
    assert reverse(ADD) not in page.text
    client.post(reverse(ADD), fields(day="2026-02-11"))
    assert Rate.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rate": "0"}, "A rate must be above zero."),
        ({"rate": "-0"}, "A rate must be above zero."),
        ({"rate": "-1"}, "A rate must be above zero."),
        ({"rate": "1e3"}, "without an exponent"),
        ({"rate": "1e999999"}, "without an exponent"),
        ({"rate": "NaN"}, "Enter a number."),
        ({"rate": "Infinity"}, "Enter a number."),
        ({"rate": "9" * 16}, "at most 15 digits before the point"),
        ({"rate": "0.12345678901"}, "at most 10 digits after the point"),
        ({"from_currency": "EUR"}, "Enter two different currencies"),
        ({"from_currency": "ZZZ"}, "not a currency code"),
        ({"to_currency": "12"}, "not a currency code"),
        ({"day": "2026-01-32"}, "valid date"),
        ({"day": "9999-12-31"}, "more than a year ahead"),
        ({"day": "0001-01-01"}, "before 1900"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused_beside_its_field(client, changed, words):
    page = client.post(reverse(ADD), fields(**changed))
    text = page.text.replace("&#x27;", "’")
    assert (page.status_code, words in text) == (200, True)
    assert not Rate.objects.exists()


def test_a_second_rate_of_a_pair_and_day_is_refused_in_words(client):
    client.post(reverse(ADD), fields())
    page = client.post(reverse(ADD), fields(rate="0.8"))
    assert "There is a rate of this pair for this day already: change that one." in page.text
    assert Rate.objects.get().rate == Decimal("0.9")


def test_a_rate_is_asked_for_with_pair_and_day_and_leads_back(client):
    address = (
        reverse(ADD) + "?from_currency=USD&to_currency=EUR&day=2026-02-10&next=/admin/influence/"
    )
    page = client.get(address)
    for name, value in (("day", "2026-02-10"), ("from_currency", "USD"), ("to_currency", "EUR")):
        assert page.context["form"][name].value() == value
    assert page.context["action_url"] == address
    assert client.post(address, fields()).url == "/admin/influence/"
    elsewhere = reverse(ADD) + "?next=https://elsewhere.example/"
    assert client.post(elsewhere, fields(day="2026-02-11")).url == reverse("rates_rates:index")


def test_a_rate_out_of_bounds_from_before_is_shown_as_such(client):
    rate = Rate.objects.create(
        day=timezone.localdate(), from_currency="USD", to_currency="EUR", rate="0.9"
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rates_rate SET rate = '1e999999'")
    assert "out of bounds" in client.get(reverse("rates_rates:index")).text
    assert client.get(reverse("rates_rates:edit", args=[rate.pk])).status_code == 200
    assert client.get(reverse("rates_rates:delete", args=[rate.pk])).status_code == 200


def test_a_list_under_an_unclear_filter_shows_no_rate(client):
    Rate.objects.create(day="2026-02-10", from_currency="USD", to_currency="EUR", rate="0.9")
    page = client.get(reverse("rates_rates:index"), {"day_from": "32 January"})
    assert (page.status_code, list(page.context["object_list"])) == (200, [])
    assert "These filters are not clear" in page.text
