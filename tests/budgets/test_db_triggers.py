"""What SQL can do to the ledger: each act is tried on the database that the tests run on."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from budgets.db_triggers import CREATE_RULES, DROP_RULES, UNIQUE, drop_rules, run
from budgets.ledger import post_expense, reverse
from budgets.models import Budget, Entry, Estimate, EstimateItem, Line, Period
from budgets.periods import close
from tests.budgets.factories import LineFactory, PeriodFactory, estimate, greenlit

pytestmark = pytest.mark.django_db
TABLES = (Entry, Line, Period, Budget, Estimate, EstimateItem)
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
postgresql_only = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL's own statement"
)


@pytest.fixture
def line():
    return LineFactory(name="Crew", approved=100_00)


@pytest.fixture
def posted(line, finance):
    """An expense and its reversal, on a video that was greenlit for more."""
    video = greenlit((line, 60_00))
    expense = post_expense(line.pk, video.pk, 50_00, by=finance)
    return reverse(expense.pk, by=finance, reason="Wrong invoice")


def rows() -> dict[str, list[tuple]]:
    """Everything of the budget."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in TABLES}


def refused(statement: str, *parameters: object) -> None:
    """Tries the statement: it is refused by the guard, and nothing has changed."""
    before = rows()
    connection.check_constraints()  # PostgreSQL does not truncate what waits for a check
    with (
        pytest.raises(IntegrityError, match=r"\.$|\.\nCONTEXT"),  # in a sentence of the guard
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, parameters)
    assert rows() == before


def copy_of(model: type, pk: int, **instead: str) -> str:
    """The columns, and a SELECT of a row with other values in some, to be inserted."""
    columns = [field.column for field in model._meta.concrete_fields]
    values = [instead.get(name, f'"{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    return f"({names}) SELECT {', '.join(values)} FROM {model._meta.db_table} WHERE id = {pk}"


@sqlite_only
@pytest.mark.parametrize("statement", ["INSERT OR REPLACE", "REPLACE"])
def test_no_reversal_is_replaced_away_by_what_it_reverses(posted, statement):
    copy = copy_of(Entry, posted.pk, id="NULL", note="'mine'")
    refused(f"{statement} INTO budgets_entry {copy}")
    refused(f"{statement} INTO budgets_entry {copy_of(Entry, posted.pk, minor='1')}")


@sqlite_only
@pytest.mark.parametrize("model", [Line, Period, Budget, Estimate, EstimateItem])
def test_no_row_that_entries_hang_on_is_replaced(posted, model):
    row = model.objects.first()
    refused(f"REPLACE INTO {model._meta.db_table} {copy_of(model, row.pk)}")


@sqlite_only
def test_no_row_is_replaced_by_an_update_or_a_name(posted, line):
    other = LineFactory(name="Travel")
    refused(f"UPDATE OR REPLACE budgets_line SET name = 'Crew' WHERE id = {other.pk}")
    refused(f"UPDATE OR REPLACE budgets_line SET id = {line.pk} WHERE id = {other.pk}")
    fresh = copy_of(Line, line.pk, id="NULL", approved="0", available="0")
    refused(f"REPLACE INTO budgets_line {fresh}")
    refused(f"REPLACE INTO budgets_period {copy_of(Period, line.period_id, id='NULL')}")
    refused(f"REPLACE INTO budgets_budget {copy_of(Budget, line.budget_id, id='NULL')}")


@sqlite_only
def test_every_unique_column_and_index_is_guarded():
    found = {}
    with connection.cursor() as cursor:
        for table in UNIQUE:
            cursor.execute(f"PRAGMA index_list(budgets_{table})")
            names = [row[1] for row in cursor.fetchall() if row[2]]
            columns = {("id",)}
            for name in names:
                cursor.execute(f"PRAGMA index_info({name})")
                columns.add(tuple(row[2] for row in cursor.fetchall()))
            found[table] = columns
    assert {table: {columns for columns, _only in all_of} for table, all_of in UNIQUE.items()} == (
        found
    )


@pytest.mark.parametrize("model", TABLES)
@postgresql_only
def test_no_table_of_the_ledger_is_truncated(posted, model):
    refused(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.parametrize("table", ["planning_video", "people_user"])
@postgresql_only
def test_no_cascade_truncates_the_ledger(posted, table):
    refused(f"TRUNCATE {table} CASCADE")


def test_no_upsert_edits_an_entry(posted):
    refused(
        f"INSERT INTO budgets_entry {copy_of(Entry, posted.pk)} AND true"
        " ON CONFLICT (id) DO UPDATE SET minor = 1"
    )
    refused(
        f"INSERT INTO budgets_entry {copy_of(Entry, posted.pk, id='1000')} AND true"
        " ON CONFLICT (reverses_id) DO UPDATE SET minor = 1"
    )


@pytest.mark.parametrize("table", ["entry", "line", "estimate", "estimateitem"])
def test_what_was_posted_and_decided_is_not_deleted(posted, table):
    refused(f"DELETE FROM budgets_{table}")


@pytest.mark.parametrize(
    "change",
    [
        "estimate SET state = 'declined'",
        "estimate SET state = 'draft', decided_at = NULL",
        "estimate SET note = 'x'",
        "estimateitem SET minor = 1",
        "budget SET currency = 'USD'",
        "budget SET department = 'marketing'",
    ],
)
def test_what_was_decided_and_what_money_it_is_stay(posted, change):
    refused(f"UPDATE budgets_{change}")


def test_a_decided_estimate_gets_no_further_item(posted):
    item = EstimateItem.objects.get()
    refused(f"INSERT INTO budgets_estimateitem {copy_of(EstimateItem, item.pk, id='1000')}")


def test_a_line_with_entries_keeps_its_budget_and_period(posted, line):
    refused("UPDATE budgets_line SET budget_id = 1000")
    refused("UPDATE budgets_line SET period_id = 1000")


def test_a_closed_period_stays_closed_with_all_that_is_in_it(posted, line, finance):
    close(line.period_id, by=finance)
    for change in (
        "period SET closed_at = NULL, closed_by_id = NULL",
        "period SET ends_on = '2099-12-31'",
        "period SET code = 'x'",
        "line SET approved = 1",
        "line SET available = 1",
        "line SET name = 'x'",
        "line SET kind = 'travel'",
    ):
        refused(f"UPDATE budgets_{change}")
    refused("DELETE FROM budgets_period")
    refused(f"INSERT INTO budgets_entry {copy_of(Entry, posted.pk, id='1000', reverses_id='NULL')}")


def test_no_line_comes_into_a_closed_period_or_leaves_it(finance):
    spare = LineFactory(name="Spare")
    later = PeriodFactory(code="LATER", starts_on="2040-01-01", ends_on="2040-03-31")
    other = LineFactory(name="Other", period=later)
    close(spare.period_id, by=finance)
    refused("DELETE FROM budgets_line WHERE id = %s", spare.pk)
    refused("UPDATE budgets_line SET period_id = %s WHERE id = %s", later.pk, spare.pk)
    refused("UPDATE budgets_line SET period_id = %s WHERE id = %s", spare.period_id, other.pk)
    refused(f"INSERT INTO budgets_line {copy_of(Line, spare.pk, id='1000', name=repr('New'))}")


def test_no_day_of_an_entry_is_left_out_of_its_period(posted, line):
    day = posted.posted_on
    refused("UPDATE budgets_period SET ends_on = %s", day - dt.timedelta(days=1))
    refused("UPDATE budgets_period SET starts_on = %s", day + dt.timedelta(days=1))
    Period.objects.update(starts_on=day, ends_on=day)


def test_what_is_not_posted_or_decided_changes_as_before(line, finance):
    waiting = estimate((line, 5_00))
    Estimate.objects.filter(pk=waiting.pk).update(note="two days")
    waiting.items.update(minor=6_00)
    waiting.items.all().delete()
    line.name = "Crew and operators"
    line.save()
    spare = LineFactory(name="Spare")
    spare.delete()
    later = PeriodFactory(code="LATER", starts_on="2040-01-01", ends_on="2040-03-31")
    Period.objects.filter(pk=later.pk).update(ends_on="2040-06-30")
    later.refresh_from_db()
    Period.objects.filter(pk=later.pk).update(closed_at=now(), closed_by=finance)
    Period.objects.filter(pk=later.pk).update(name="Named later")
    assert list(Line.objects.values_list("name", flat=True)) == ["Crew and operators"]


def test_rules_can_be_left_one_by_one(posted, line, finance):
    close(line.period_id, by=finance)
    drop_rules(connection, ["line_reported"])
    Line.objects.update(name="Renamed")
    refused("UPDATE budgets_line SET approved = 1")
    run(connection, DROP_RULES)
    run(connection, CREATE_RULES)
    refused("UPDATE budgets_line SET name = 'x'")


def test_the_guard_can_be_taken_back_and_put_up_again(posted):
    run(connection, DROP_RULES)
    Estimate.objects.update(note="x")
    run(connection, CREATE_RULES)
    refused("UPDATE budgets_estimate SET note = 'y'")
