"""A fiscal year is set up in one screen: periods, budget, lines, and their amounts."""

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from budgets.fiscal_year import Parts, planned_periods
from budgets.models import Budget, Line, Period
from budgets.periods import close
from budgets.report import budget_report
from tests.budgets.factories import PeriodFactory

URL = "/admin/budget/years/new/"


@pytest.mark.parametrize(
    ("first_month", "parts", "expected"),
    [
        (1, Parts.YEAR, [("FY2026", "January to December 2026", "2026-01-01", "2026-12-31")]),
        (
            10,
            Parts.HALVES,
            [
                ("FY2027-H1", "October 2026 to March 2027", "2026-10-01", "2027-03-31"),
                ("FY2027-H2", "April to September 2027", "2027-04-01", "2027-09-30"),
            ],
        ),
    ],
)
def test_a_year_is_named_for_the_year_in_which_it_ends(first_month, parts, expected):
    found = planned_periods(first_month, 2026, parts)
    assert [
        (span.code, str(span.name), span.starts_on.isoformat(), span.ends_on.isoformat())
        for span in found
    ] == expected


@pytest.mark.parametrize("parts", Parts)
@pytest.mark.parametrize("first_month", range(1, 13))
def test_the_periods_cover_the_year_without_a_gap(first_month, parts):
    found = planned_periods(first_month, 2027, parts)
    assert len(found) == parts
    assert len({span.code for span in found}) == parts
    assert (found[0].starts_on.month, found[0].starts_on.year) == (first_month, 2027)
    for before, after in pairwise(found):
        assert after.starts_on == before.ends_on + dt.timedelta(days=1)
    assert (found[-1].ends_on + dt.timedelta(days=1)) == found[0].starts_on.replace(year=2028)


ASKED = {"month": "1", "year": "2026", "parts": "4", "budget": ""}


@pytest.fixture
def client(signed_in, finance):
    return signed_in(finance)


def form(**fields: str) -> dict[str, str]:
    """What a browser sends of the table: every name and kind, and some amounts."""
    kinds = {f"kind-{row}": kind for row, kind in enumerate([*Line.Kind, *["other"] * 3])}
    names = {f"line-{row}": str(kind.label) for row, kind in enumerate(Line.Kind)}
    return {"name": "Sales video", "currency": "eur", **names, **kinds, **fields}


def send(client, asked=ASKED, **fields: str):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return client.post(f"{URL}?{query}", form(**fields))


def test_one_form_makes_periods_budget_and_lines(client, finance):
    answer = send(client, **{"amount-0-0": "1000.50", "amount-0-3": "2000", "amount-4-0": "300"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('budgets_report')}?period=FY2026-Q")
    assert list(Period.objects.order_by("code").values_list("code", flat=True)) == [
        f"FY2026-Q{number}" for number in range(1, 5)
    ]
    budget = Budget.objects.get()
    assert (budget.name, budget.currency, budget.pays_production) == ("Sales video", "EUR", True)
    lines = Line.objects.order_by("pk").values_list("period__code", "name", "kind", "approved")
    assert list(lines) == [
        ("FY2026-Q1", "Crew", "crew", 1000_50),
        ("FY2026-Q4", "Crew", "crew", 2000_00),
        ("FY2026-Q1", "Editing", "editing", 300_00),
    ]
    report = budget_report(Period.objects.get(code="FY2026-Q1"), "EUR")
    assert report.totals.approved == 1300_50
    made = ModelLogEntry.objects.filter(action="wagtail.create", user=finance)
    assert made.count() == 4 + 1 + 3


def test_a_second_budget_takes_the_periods_that_are_there(client):
    send(client, **{"amount-0-0": "10"})
    budget = Budget.objects.get()
    page = client.get(f"{URL}?month=1&year=2026&parts=4&budget={budget.pk}").content.decode()
    assert "exists: FY2026-Q1" in page
    send(client, ASKED | {"budget": str(budget.pk)}, **{"amount-1-0": "20"})
    assert (Period.objects.count(), Budget.objects.count(), Line.objects.count()) == (4, 1, 2)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Enter an amount for at least one line."),
        ({"amount-0-0": "ten"}, "number"),
        ({"amount-0-0": "-5"}, "greater than or equal to 0"),
        ({"amount-0-0": "1.0055"}, "at most 2 decimals"),
        ({"amount-7-0": "5"}, "Enter a name for the line."),
        (
            {"amount-0-0": "5", "amount-1-0": "5", "line-1": "Crew"},
            "Another line has the same name.",
        ),
        ({"amount-0-0": "5", "currency": "EURO"}, "at most 3 characters"),
        ({"amount-0-0": "5", "currency": "XXZ"}, "is not a currency"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(client, fields, said):
    page = send(client, **fields)
    assert page.status_code == 200
    assert said in page.content.decode().replace("&#x27;", "'")
    assert not Period.objects.exists()
    assert not Budget.objects.exists()


def test_days_that_overlap_with_another_period_name_it(client):
    Period.objects.create(code="OLD", starts_on=dt.date(2026, 3, 1), ends_on=dt.date(2026, 3, 31))
    page = send(client, **{"amount-0-0": "5"}).content.decode()
    assert "FY2026-Q1" in page
    assert "These days overlap with OLD" in page
    assert (Period.objects.count(), Budget.objects.count()) == (1, 0)


def test_a_closed_period_takes_no_line(client, finance):
    send(client, **{"amount-0-0": "10"})
    close(Period.objects.get(code="FY2026-Q1").pk, by=finance)
    budget = Budget.objects.get()
    asked = ASKED | {"budget": str(budget.pk)}
    page = send(client, asked, **{"amount-1-0": "20"}).content.decode()
    assert "FY2026-Q1 is closed" in page
    assert Line.objects.count() == 1


def test_an_unclear_year_shows_no_table(client):
    page = client.get(f"{URL}?year=99999").content.decode()
    assert "less than or equal to 2100" in page
    assert "amount-0-0" not in page


def test_the_columns_follow_the_parts(client):
    page = client.get(f"{URL}?parts=12").content.decode()
    assert len(re.findall(r'name="amount-0-\d+"', page)) == 12


def test_the_form_begins_with_the_year_after_the_last_period(client):
    PeriodFactory(starts_on=dt.date(2030, 3, 1), ends_on=dt.date(2031, 2, 28))
    asked = client.get(URL).context["shape"]
    assert (asked["month"].value(), asked["year"].value()) == (3, 2031)
