import datetime as dt
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from budgets.estimates import decline, withdraw
from budgets.ledger import post_expense
from budgets.models import Line, Period
from budgets.report import budget_report
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, estimate, greenlit
from tests.factories import VideoFactory

pytestmark = pytest.mark.django_db


def run(capsys, *args):
    call_command("budget_report", *args)
    return capsys.readouterr().out


def document(capsys, *args):
    return json.loads(run(capsys, "--json", *args))


def planned(title):
    return VideoFactory(stage="planned", title=title, public_id=title.lower())


def test_the_report_is_what_the_design_promises(capsys, finance):
    crew = LineFactory(name="Crew", approved=100_00)
    travel = LineFactory(name="Travel", kind=Line.Kind.TRAVEL, approved=50_00)
    video = greenlit((crew, 60_00), (travel, 5_50), video=planned("Alpha"))
    post_expense(crew.pk, video.pk, 20_05, by=finance)
    estimate((crew, 10_00), video=planned("Beta"))

    assert document(capsys) == {
        "period": "NOW",
        "currency": "EUR",
        "totals": {
            "approved": "150.00",
            "committed": "45.45",
            "spent": "20.05",
            "available": "84.50",
            "forecast": "75.50",
        },
        "lines": [
            {
                "line": "Crew",
                "kind": "crew",
                "approved": "100.00",
                "committed": "39.95",
                "spent": "20.05",
                "available": "40.00",
                "forecast": "70.00",
            },
            {
                "line": "Travel",
                "kind": "travel",
                "approved": "50.00",
                "committed": "5.50",
                "spent": "0.00",
                "available": "44.50",
                "forecast": "5.50",
            },
        ],
        "videos": [
            {
                "video_id": "alpha",
                "title": "Alpha",
                "estimate": "65.50",
                "committed": "45.45",
                "spent": "20.05",
            },
            {
                "video_id": "beta",
                "title": "Beta",
                "estimate": "10.00",
                "committed": "0.00",
                "spent": "0.00",
            },
        ],
    }


def test_forecast_is_spent_and_committed_and_estimates_not_yet_greenlit(finance):
    line = LineFactory(approved=100_00)
    post_expense(line.pk, greenlit((line, 20_00)).pk, 5_00, by=finance)
    estimate((line, 10_00))
    decline(estimate((line, 30_00)).pk, by=finance, reason="Not now")
    withdrawn = estimate((line, 40_00))
    withdraw(withdrawn.pk, by=withdrawn.requested_by)  # a draft again
    [(_, row)] = budget_report(line.period, "EUR").lines
    assert (row.spent, row.committed, row.forecast) == (5_00, 15_00, 5_00 + 15_00 + 10_00 + 40_00)


def test_a_currency_selects_and_never_converts(capsys):
    LineFactory(name="Crew", approved=100_00)
    yen = BudgetFactory(name="Tokyo", currency="JPY")
    LineFactory(name="Tokyo crew", budget=yen, approved=90000)

    report = document(capsys, "--currency", "JPY")

    assert [line["line"] for line in report["lines"]] == ["Tokyo crew"]
    assert report["totals"]["approved"] == "90000"
    assert document(capsys, "--currency", "KWD")["totals"] == dict.fromkeys(
        ["approved", "committed", "spent", "available", "forecast"], "0.000"
    )


def test_a_period_is_named_by_its_code(capsys):
    LineFactory(name="Crew", approved=100_00)
    last_year = dt.date(2020, 1, 1)
    then = PeriodFactory(code="2020", starts_on=last_year, ends_on=dt.date(2020, 12, 31))
    LineFactory(name="Old crew", period=then, approved=7_00)
    assert [line["line"] for line in document(capsys, "--period", "2020")["lines"]] == ["Old crew"]
    assert [line["line"] for line in document(capsys)["lines"]] == ["Crew"]


@pytest.mark.parametrize(
    ("args", "status", "text"),
    [
        (["--period", "FY1999"], 2, "There is no period “FY1999”. Periods: 2020."),
        (["--period="], 2, "--period is empty."),
        (["--currency", "XYZ"], 2, "“XYZ” is not a currency"),
        (["--currency="], 2, "“” is not a currency"),
        ([], 1, "No period covers today, "),
    ],
)
def test_what_cannot_be_reported_is_one_clear_line(args, status, text):
    PeriodFactory(code="2020", starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 12, 31))
    with pytest.raises(CommandError) as refusal:
        call_command("budget_report", *args)
    assert refusal.value.returncode == status
    assert str(refusal.value).startswith(text)
    assert "\n" not in str(refusal.value)


def test_the_table_for_people_has_the_same_figures(capsys, finance):
    crew = LineFactory(name="Crew", approved=1234_50)
    greenlit((crew, 60_00), video=planned("Alpha"))
    assert run(capsys).splitlines() == [
        "NOW · EUR",
        "",
        "Line   Kind  Approved  Committed  Spent  Available  Forecast",
        "-----  ----  --------  ---------  -----  ---------  --------",
        "Crew   crew   1234.50      60.00   0.00    1174.50     60.00",
        "Total         1234.50      60.00   0.00    1174.50     60.00",
        "",
        "Video  Id     Estimate  Committed  Spent",
        "-----  -----  --------  ---------  -----",
        "Alpha  alpha     60.00      60.00   0.00",
    ]


def test_the_equation_of_a_line_can_fail_and_is_then_shown_and_logged(caplog):
    line = LineFactory(approved=100_00)
    Line.objects.update(available=99_99)
    report = budget_report(Period.objects.get(), "EUR")
    [(_, row)] = report.lines
    assert not row.adds_up
    assert f"Line {line.pk} does not add up" in caplog.text


def test_a_report_asks_the_same_queries_however_long_it_is(django_assert_num_queries):
    line = LineFactory(approved=100_00)
    for _ in range(5):
        greenlit((line, 1_00), (LineFactory(approved=5_00), 2_00))
    with django_assert_num_queries(4):
        budget_report(line.period, "EUR")


def test_an_unknown_option_is_a_usage_error():
    done = subprocess.run(
        [sys.executable, "manage.py", "budget_report", "--colour"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
