import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils.formats import date_format
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from budgets import errors
from budgets.balance import Balance, balance_of
from budgets.ledger import post_expense, set_approved
from budgets.models import Estimate
from budgets.models.budget import today
from budgets.periods import StillCommitted, close, still_committed, still_waiting
from tests.budgets.factories import BudgetFactory, LineFactory, PeriodFactory, estimate, greenlit

pytestmark = pytest.mark.django_db


def test_closing_gives_back_what_is_committed_and_declines_what_waits(finance):
    line = LineFactory(approved=100_00)
    video = greenlit((line, 60_00))
    post_expense(line.pk, video.pk, 25_00, by=finance)
    waiting = estimate((line, 10_00))
    period = line.period
    assert still_committed(period) == [StillCommitted(line, video, 35_00)]
    assert list(still_waiting(period)) == [waiting]

    close(period.pk, by=finance)

    period.refresh_from_db()
    assert (period.is_closed, period.closed_by) == (True, finance)
    assert balance_of(line.entries.all()) == Balance(100_00, 0, 25_00)
    assert line.entries.get(kind="release").note == "NOW was closed."
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (Estimate.State.DECLINED, "NOW was closed.")
    with pytest.raises(errors.PeriodClosed):
        close(period.pk, by=finance)
    [logged] = ModelLogEntry.objects.for_instance(period)
    assert (logged.action, logged.user) == ("budgets.close_period", finance)


def test_a_period_that_ends_before_it_starts_is_refused_at_its_last_day(signed_in, finance):
    days = {"starts_on": "2026-01-02", "ends_on": "2026-01-01"}
    client, period = signed_in(finance), PeriodFactory()
    for url in (
        reverse("budgets_periods:add"),
        reverse("budgets_periods:edit", args=[period.pk]),
    ):
        form = client.post(url, {"code": "Q1", "name": "", **days}).context["form"]
        assert form.errors == {"ends_on": ["The last day is before the first."]}
    close(period.pk, by=finance)
    form = client.post(url, {"code": "NOW", "name": "", **days}).context["form"]
    assert form.errors == {
        "__all__": [
            "The code and days of a closed period cannot be changed.",
            "The last day is before the first.",
        ]
    }


def test_a_closed_period_keeps_its_code_and_days(finance):
    period = LineFactory().period
    close(period.pk, by=finance)
    period.refresh_from_db()
    period.name = "Old"
    period.full_clean()
    period.ends_on = period.starts_on
    with pytest.raises(errors.ValidationError, match="of a closed period cannot be changed"):
        period.full_clean()


DAY = dt.timedelta(days=1)


def save_days(client, period, first, last):
    """What the form of a period says to these days."""
    asked = {"code": period.code, "name": period.name, "starts_on": first, "ends_on": last}
    answer = client.post(reverse("budgets_periods:edit", args=[period.pk]), asked)
    period.refresh_from_db()
    return "" if answer.status_code == 302 else " ".join(answer.context["form"].non_field_errors())


def test_a_period_keeps_the_days_of_its_entries_and_says_which(signed_in, finance):
    line = LineFactory(name="Crew", approved=100_00)
    video, period = greenlit((line, 60_00)), line.period
    day = today() - 10 * DAY
    post_expense(line.pk, video.pk, 25_00, by=finance, posted_on=day)
    client, days = signed_in(finance), (period.starts_on, period.ends_on)

    said = save_days(client, period, day + DAY, period.ends_on)

    assert f"NOW would not cover Expense 25.00\xa0EUR of {date_format(day)} on “Crew”" in said
    assert (
        f"begin on {date_format(day)} or earlier and end on {date_format(today())} or later" in said
    )
    assert "would not cover" in save_days(client, period, period.starts_on, today() - DAY)
    assert (period.starts_on, period.ends_on) == days
    assert save_days(client, period, day, today()) == ""
    assert (period.starts_on, period.ends_on) == (day, today())


def test_a_greenlight_given_in_advance_is_not_in_the_way_of_other_days(signed_in, finance):
    first = today() + 30 * DAY
    period = PeriodFactory(code="NEXT", starts_on=first, ends_on=first + 90 * DAY)
    greenlit((LineFactory(period=period, approved=100_00), 60_00))
    assert save_days(signed_in(finance), period, first + DAY, first + 80 * DAY) == ""


def test_today_stays_in_a_period_that_has_entries(signed_in, finance):
    line, day = LineFactory(), today() - 10 * DAY
    set_approved(line.pk, 100_00, by=finance, reason="Year plan", posted_on=day)
    client, period = signed_in(finance), line.period
    said = save_days(client, period, period.starts_on, today() - DAY)
    assert f"it has to include today, {date_format(today())}." in said
    assert period.covers(today())


def test_a_period_without_entries_goes_where_one_likes(signed_in, finance):
    period = LineFactory().period
    assert save_days(signed_in(finance), period, "2041-01-01", "2041-03-31") == ""


def test_a_closed_period_s_lines_stay_as_they_were_reported(signed_in, finance):
    line = LineFactory(name="Crew", approved=100_00)
    close(line.period_id, by=finance)
    client, url = signed_in(finance), reverse("budgets_lines:edit", args=[line.pk])
    fields = {
        "budget": line.budget_id,
        "period": line.period_id,
        "name": "Crew",
        "kind": "crew",
        "amount": "100",
    }
    for change in ({"name": "Flights"}, {"kind": "travel"}):
        answer = client.post(url, fields | change)
        assert (
            "NOW is closed, so its days and lines can no longer be changed"
            in answer.content.decode()
        )
    line.refresh_from_db()
    assert (line.name, line.kind) == ("Crew", "crew")


@pytest.mark.parametrize("name", ["lines", "periods"])
def test_nothing_of_a_closed_period_is_deleted(signed_in, finance, name):
    period = PeriodFactory()
    row = LineFactory(period=period) if name == "lines" else period
    close(period.pk, by=finance)
    answer = signed_in(finance).post(reverse(f"budgets_{name}:delete", args=[row.pk]))
    assert answer["Location"] == reverse(f"budgets_{name}:edit", args=[row.pk])
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert "NOW is closed, so its days and lines can no longer be changed" in said[-1]
    assert type(row).objects.filter(pk=row.pk).exists()


def test_what_changes_is_logged_with_old_and_new_values(signed_in, finance):
    line = LineFactory(name="Crew")
    client, period = signed_in(finance), line.period
    first, last = period.starts_on.isoformat(), period.ends_on.isoformat()
    later = (period.ends_on + DAY).isoformat()
    assert save_days(client, period, first, later) == ""
    fields = {"budget": line.budget_id, "period": period.pk, "name": "Crew", "amount": "0"}
    client.post(reverse("budgets_lines:edit", args=[line.pk]), fields | {"kind": "travel"})
    budget = reverse("budgets_budgets:edit", args=[line.budget_id])
    client.post(budget, {"name": "Sales", "department": "sales", "currency": "EUR"})
    client.post(budget, {"name": "Sales", "department": "sales", "currency": "EUR"})

    entries = ModelLogEntry.objects.filter(action="wagtail.edit").order_by("pk")

    assert [entry.data["changed"] for entry in entries] == [
        {"ends_on": [last, later]},
        {"kind": ["crew", "travel"]},
        {"name": ["Sales video", "Sales"]},
        {},
    ]
    assert {entry.user for entry in entries} == {finance}
    assert entries[1].message == "Edited. Kind of cost: “Crew” → “Travel”."
    was, became = (date_format(day, "j M Y") for day in (period.ends_on - DAY, period.ends_on))
    page = client.get(reverse("budgets_periods:history", args=[period.pk])).content.decode()
    assert f"Edited. Last day: “{was}” → “{became}”." in page


def test_a_deleted_budget_stays_readable_in_the_log(signed_in, finance):
    budget = BudgetFactory(name="Trial")
    signed_in(finance).post(reverse("budgets_budgets:delete", args=[budget.pk]))
    (entry,) = ModelLogEntry.objects.filter(action="wagtail.delete")
    assert entry.message == (
        "Deleted. Name: “Trial” → –. Belongs to: “Sales” → –. Currency: “EUR” → –."
    )


def test_rows_that_budgets_logged_before_stay_readable(signed_in, finance):
    line = LineFactory()
    changed = {"kind": ["Crew", "Travel"], "budget": ["Sales video", "Sales"]}
    log(line, "budgets.change", user=finance, data={"changes": changed})
    page = signed_in(finance).get(reverse("budgets_lines:history", args=[line.pk]))
    said = "Edited. Budget: “Sales video” → “Sales”. Kind of cost: “Crew” → “Travel”."
    assert said in page.content.decode()
