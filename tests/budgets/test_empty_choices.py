"""An empty list of lines says why, and leads to what helps."""

import datetime as dt

import pytest
from django.urls import reverse

from budgets.empty_choices import LineStatus, why_no_line
from budgets.models import Budget, Line
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, greenlit
from tests.factories import VideoFactory

DAY = dt.date(2026, 5, 4)
PAYS = LineStatus(is_of_sales=True, is_closed=False, starts_on=DAY, ends_on=DAY)
YESTERDAY, TOMORROW = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("lines", "from_then_on", "reason"),
    [
        ([], False, "There is no budget line yet."),
        (
            [PAYS._replace(is_of_sales=False)],
            False,
            "Videos are paid from the sales budget, and it has no lines",
        ),
        ([PAYS._replace(is_closed=True)], False, "Every period with a line is closed."),
        ([PAYS._replace(starts_on=TOMORROW, ends_on=TOMORROW)], False, "begins on 5 May 2026"),
        ([PAYS._replace(starts_on=YESTERDAY, ends_on=YESTERDAY)], True, "ended on 3 May 2026"),
        ([PAYS], False, None),
        ([PAYS], True, None),
        ([PAYS._replace(is_of_sales=False), PAYS], False, None),
        ([PAYS._replace(starts_on=TOMORROW, ends_on=TOMORROW)], True, None),
        ([PAYS._replace(starts_on=YESTERDAY, ends_on=YESTERDAY)], False, None),
    ],
)
def test_the_nearest_reason_is_given(lines, from_then_on, reason):
    lack = why_no_line(lines, today=DAY, from_then_on=from_then_on)
    assert (lack is None) is (reason is None)
    assert lack is None or reason in lack.reason


@pytest.mark.django_db
def test_finance_reads_why_no_line_can_be_chosen_and_goes_there(signed_in, finance):
    client = signed_in(finance)
    url = reverse("budgets_expense")
    html = client.get(url).content.decode()
    assert "There is no budget line yet." in html
    assert f'href="{reverse("budgets_lines:add")}"' in html
    assert "No video is greenlit yet" in html

    ads = BudgetFactory(name="Ads", department=Budget.Department.MARKETING)
    LineFactory(budget=ads)
    assert (
        "Videos are paid from the sales budget, and it has no lines"
        in client.get(url).content.decode()
    )

    greenlit((LineFactory(approved=100_000), 5_000))
    html = client.get(url).content.decode()
    for gone in (
        "There is no",
        "it has no lines",
        "No video is greenlit",
        "Nothing to choose from",
    ):
        assert gone not in html


@pytest.mark.django_db
def test_a_producer_reads_whom_to_ask(signed_in, producer):
    url = reverse("budgets_estimate_form", args=[VideoFactory(stage="planned").pk])
    html = signed_in(producer).get(url).content.decode()
    assert "There is no budget line yet. Finance sets up the sales budget." in html
    assert Line.objects.count() == 0


@pytest.mark.django_db
def test_a_line_without_a_budget_or_a_period_says_so(signed_in, finance):
    client = signed_in(finance)
    url = reverse("budgets_lines:add")
    html = client.get(url).content.decode()
    assert f'There is no budget yet. <a href="{reverse("budgets_budgets:add")}">' in html
    assert f'No period is open. <a href="{reverse("budgets_periods:add")}">' in html
    BudgetFactory()
    PeriodFactory()
    html = client.get(url).content.decode()
    assert "There is no budget yet." not in html
    assert "No period is open." not in html
