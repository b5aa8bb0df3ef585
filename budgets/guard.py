"""The database's own guard: triggers that refuse what `QuerySet.update()` could still do.

A later migration that remakes the table on SQLite drops its triggers: it installs them anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSAL = "A posted entry is never edited or deleted. Reverse it instead."
SHARED = "Two periods share days."

INSTALL = {
    "sqlite": [
        f"""
        CREATE TRIGGER budgets_entry_stays_{act.lower()} BEFORE {act} ON budgets_entry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
        """
        for act in ("UPDATE", "DELETE")
    ]
    + [
        # INSERT OR REPLACE deletes a row without asking the trigger above
        f"""
        CREATE TRIGGER budgets_entry_stays_insert BEFORE INSERT ON budgets_entry
        WHEN EXISTS (SELECT 1 FROM budgets_entry WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
        """  # noqa: S608
    ],
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION budgets_entry_stays() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END
        $$ LANGUAGE plpgsql
        """,
        """
        CREATE TRIGGER budgets_entry_stays BEFORE UPDATE OR DELETE ON budgets_entry
        FOR EACH ROW EXECUTE FUNCTION budgets_entry_stays()
        """,
    ],
}
REMOVE = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS budgets_entry_stays_update",
        "DROP TRIGGER IF EXISTS budgets_entry_stays_delete",
        "DROP TRIGGER IF EXISTS budgets_entry_stays_insert",
    ],
    "postgresql": ["DROP TRIGGER IF EXISTS budgets_entry_stays ON budgets_entry"],
}

# Periods do not overlap, not even when two people save at the same instant.
APART = {
    "sqlite": [
        f"""
        CREATE TRIGGER budgets_period_apart_{act.split()[0].lower()} BEFORE {act} ON budgets_period
        WHEN EXISTS (
            SELECT 1 FROM budgets_period AS other
            WHERE other.id IS NOT NEW.id
            AND other.starts_on <= NEW.ends_on AND other.ends_on >= NEW.starts_on
        )
        BEGIN SELECT RAISE(ABORT, '{SHARED}'); END
        """  # noqa: S608
        for act in ("INSERT", "UPDATE OF starts_on, ends_on")
    ],
    "postgresql": [
        """
        ALTER TABLE budgets_period ADD CONSTRAINT budgets_period_apart
        EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)
        """
    ],
}
NOT_APART = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS budgets_period_apart_insert",
        "DROP TRIGGER IF EXISTS budgets_period_apart_update",
    ],
    "postgresql": ["ALTER TABLE budgets_period DROP CONSTRAINT IF EXISTS budgets_period_apart"],
}


def run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    """Runs the statements of the connection's database."""
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Steps aside while a whole studio is emptied (`flush`, `demo --reset`), and for nothing else.

    One transaction: other connections never see the table without its guard.
    """
    with transaction.atomic(using=connection.alias):
        run(connection, REMOVE)
        yield
        run(connection, INSTALL)
