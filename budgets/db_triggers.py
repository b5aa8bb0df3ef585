"""Database triggers that protect posted, decided and closed rows from any SQL.

They refuse UPDATE, DELETE, REPLACE (which on SQLite deletes rows without firing delete triggers),
upserts and TRUNCATE, also by a cascade. They do not protect `approved` and `available` of lines in
open periods: `balance.py` checks these against the entries, and the report shows differences. The
owner of the database can remove the triggers.

SQLite drops the triggers of a table that a migration remakes. Such a migration has to run
DROP_RULES and CREATE_RULES again, and create GREENLIT_BY_ANOTHER.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

ENTRY_FINAL = "A posted entry is never edited or deleted. Reverse it instead."
PERIODS_OVERLAP = "Two periods share days."

CREATE_ENTRY_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER budgets_entry_stays_{act.lower()} BEFORE {act} ON budgets_entry
        BEGIN SELECT RAISE(ABORT, '{ENTRY_FINAL}'); END
        """
        for act in ("UPDATE", "DELETE")
    ]
    + [
        # INSERT OR REPLACE deletes a row without firing the trigger above
        f"""
        CREATE TRIGGER budgets_entry_stays_insert BEFORE INSERT ON budgets_entry
        WHEN EXISTS (SELECT 1 FROM budgets_entry WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{ENTRY_FINAL}'); END
        """  # noqa: S608
    ],
    "postgresql": [
        f"""
        CREATE OR REPLACE FUNCTION budgets_entry_stays() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION '{ENTRY_FINAL}' USING ERRCODE = 'integrity_constraint_violation'; END
        $$ LANGUAGE plpgsql
        """,
        """
        CREATE TRIGGER budgets_entry_stays BEFORE UPDATE OR DELETE ON budgets_entry
        FOR EACH ROW EXECUTE FUNCTION budgets_entry_stays()
        """,
    ],
}
DROP_ENTRY_TRIGGERS = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS budgets_entry_stays_update",
        "DROP TRIGGER IF EXISTS budgets_entry_stays_delete",
        "DROP TRIGGER IF EXISTS budgets_entry_stays_insert",
    ],
    "postgresql": ["DROP TRIGGER IF EXISTS budgets_entry_stays ON budgets_entry"],
}

# Checked by the database because two people may save at the same time.
CREATE_PERIOD_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER budgets_period_apart_{act.split()[0].lower()} BEFORE {act} ON budgets_period
        WHEN EXISTS (
            SELECT 1 FROM budgets_period AS other
            WHERE other.id IS NOT NEW.id
            AND other.starts_on <= NEW.ends_on AND other.ends_on >= NEW.starts_on
        )
        BEGIN SELECT RAISE(ABORT, '{PERIODS_OVERLAP}'); END
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
DROP_PERIOD_TRIGGERS = {
    "sqlite": [
        "DROP TRIGGER IF EXISTS budgets_period_apart_insert",
        "DROP TRIGGER IF EXISTS budgets_period_apart_update",
    ],
    "postgresql": ["ALTER TABLE budgets_period DROP CONSTRAINT IF EXISTS budgets_period_apart"],
}


class Rule(NamedTuple):
    """Refuses an INSERT, UPDATE or DELETE (`act`) on a table's rows with the message `words`.

    It applies to rows for which `when` is true and, if there are `columns`, one of them changes.
    `when` is a condition on OLD and NEW in SQL that SQLite and PostgreSQL understand.
    """

    name: str
    table: str
    act: str
    words: str
    when: str = ""
    columns: tuple[str, ...] = ()


DECIDED = "A decided estimate stays as it is. Ask for another one."
CLOSED = "A closed period stays as it is."
TAKEN = "Its key or name is taken."
HAS_ENTRIES = "EXISTS (SELECT 1 FROM budgets_entry WHERE line_id = OLD.id)"
INTO_CLOSED = (
    "EXISTS (SELECT 1 FROM budgets_period WHERE id = NEW.period_id AND closed_at IS NOT NULL)"
)
RULES = [
    Rule(
        "entry_open",
        "entry",
        "INSERT",
        "Nothing is posted to a closed period.",
        "EXISTS (SELECT 1 FROM budgets_line AS l JOIN budgets_period AS p ON p.id = l.period_id"
        " WHERE l.id = NEW.line_id AND p.closed_at IS NOT NULL)",
    ),
    Rule(
        "period_closed",
        "period",
        "UPDATE",
        CLOSED,
        "OLD.closed_at IS NOT NULL",
        ("id", "code", "starts_on", "ends_on", "closed_at", "closed_by_id"),
    ),
    Rule("period_kept", "period", "DELETE", CLOSED, "OLD.closed_at IS NOT NULL"),
    Rule(
        "line_placed",
        "line",
        "UPDATE",
        "A line with entries keeps its budget and period.",
        HAS_ENTRIES,
        ("id", "budget_id", "period_id"),
    ),
    Rule("line_kept", "line", "DELETE", "A line with entries is kept.", HAS_ENTRIES),
    Rule(
        "line_closed",
        "line",
        "UPDATE",
        CLOSED,
        "EXISTS (SELECT 1 FROM budgets_period WHERE id = OLD.period_id AND closed_at IS NOT NULL)",
        ("approved", "available"),
    ),
    Rule(
        "line_reported",
        "line",
        "UPDATE",
        CLOSED,
        "EXISTS (SELECT 1 FROM budgets_period WHERE id = OLD.period_id AND closed_at IS NOT NULL)",
        ("id", "budget_id", "period_id", "name", "kind"),
    ),
    Rule("line_moved_in", "line", "UPDATE", CLOSED, INTO_CLOSED, ("period_id",)),
    Rule("line_added", "line", "INSERT", CLOSED, INTO_CLOSED),
    Rule(
        "line_taken_out",
        "line",
        "DELETE",
        CLOSED,
        "EXISTS (SELECT 1 FROM budgets_period WHERE id = OLD.period_id AND closed_at IS NOT NULL)",
    ),
    Rule(
        "period_days",
        "period",
        "UPDATE",
        "An entry keeps its day, and its period covers it.",
        "EXISTS (SELECT 1 FROM budgets_entry AS e JOIN budgets_line AS l ON l.id = e.line_id"
        " WHERE l.period_id = OLD.id"
        " AND e.posted_on BETWEEN OLD.starts_on AND OLD.ends_on"
        " AND NOT e.posted_on BETWEEN NEW.starts_on AND NEW.ends_on)",
        ("starts_on", "ends_on"),
    ),
    Rule(
        "budget_kept",
        "budget",
        "UPDATE",
        "A budget with lines keeps its department and currency.",
        "EXISTS (SELECT 1 FROM budgets_line WHERE budget_id = OLD.id)",
        ("id", "department", "currency"),
    ),
    Rule(
        "estimate_decided",
        "estimate",
        "UPDATE",
        DECIDED,
        "OLD.state IN ('greenlit', 'declined')",
        (
            "id",
            "video_id",
            "state",
            "note",
            "requested_by_id",
            "requested_at",
            "decided_by_id",
            "decided_at",
            "reason",
            "created_at",
        ),
    ),
    Rule("estimate_kept", "estimate", "DELETE", DECIDED, "OLD.state IN ('greenlit', 'declined')"),
    *(
        Rule(
            f"estimateitem_{act.lower()}_{row.lower()}",
            "estimateitem",
            act,
            DECIDED,
            f"EXISTS (SELECT 1 FROM budgets_estimate WHERE id = {row}.estimate_id"  # noqa: S608
            " AND state IN ('greenlit', 'declined'))",
        )
        for act, row in [
            ("INSERT", "NEW"),
            ("UPDATE", "OLD"),
            ("UPDATE", "NEW"),
            ("DELETE", "OLD"),
        ]
    ),
]
# Its table is younger than RULES, which an earlier migration creates, so it is not one of them. As
# it does not prevent `flush`, `without_triggers` keeps it.
GREENLIT_BY_ANOTHER = Rule(
    "estimate_by_another",
    "estimate",
    "UPDATE",
    "Nobody greenlights an estimate that they wrote.",
    "NEW.state = 'greenlit' AND EXISTS (SELECT 1 FROM budgets_estimatewriter"
    " WHERE estimate_id = NEW.id AND user_id = NEW.decided_by_id)",
    ("state",),
)
# The unique columns of each table, and a condition on the rows they are unique for. On SQLite,
# REPLACE deletes a row that has the same values.
UNDECIDED = "{row}.state IN ('draft', 'requested')"
UNIQUE: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "entry": [(("id",), ""), (("reverses_id",), "")],
    "line": [(("id",), ""), (("budget_id", "period_id", "name"), "")],
    "period": [(("id",), ""), (("code",), "")],
    "budget": [(("id",), ""), (("name",), "")],
    "estimate": [(("id",), ""), (("video_id",), UNDECIDED)],
    "estimateitem": [(("id",), "")],
}


def changed(columns: tuple[str, ...], unlike: str) -> str:
    """Return SQL that is true if an UPDATE changes one of the columns.

    `unlike` is the database's operator that compares NULLs, too.
    """
    return " OR ".join(f"NEW.{name} {unlike} OLD.{name}" for name in columns)


def condition(rule: Rule, unlike: str) -> str:
    """Return the SQL condition under which the rule refuses; see `changed` for `unlike`."""
    parts = [rule.when, changed(rule.columns, unlike)]
    return " AND ".join(f"({part})" for part in parts if part)


def is_taken(table: str, columns: tuple[str, ...], only: str, *, update: bool) -> str:
    """Return SQL that is true if another row has the values of NEW in `columns`.

    `only` is the condition on rows from UNIQUE.
    """
    same = [f"other.{name} = NEW.{name}" for name in columns]
    if only:
        same += [only.format(row="other"), only.format(row="NEW")]
    if update:
        same.append("other.id IS NOT OLD.id")
    return f"EXISTS (SELECT 1 FROM budgets_{table} AS other WHERE {' AND '.join(same)})"  # noqa: S608


def on_sqlite(name: str, table: str, act: str, words: str, when: str) -> str:
    """Return the statement that creates a refusing trigger on SQLite."""
    return (
        f"CREATE TRIGGER budgets_{name} BEFORE {act} ON budgets_{table} WHEN {when}"
        f" BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def on_postgresql(rule: Rule) -> list[str]:
    """Return the statements that create a rule's function and trigger on PostgreSQL."""
    name = f"budgets_{rule.name}"
    row = "OLD" if rule.act == "DELETE" else "NEW"
    return [
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
        BEGIN
            IF {condition(rule, "IS DISTINCT FROM")} THEN
                RAISE EXCEPTION '{rule.words}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN {row};
        END
        $$ LANGUAGE plpgsql
        """,
        f"CREATE TRIGGER {name} BEFORE {rule.act} ON budgets_{rule.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


UNIQUE_TRIGGERS = [
    (
        f"{table}_taken_{number}_{act.lower()}",
        table,
        act,
        is_taken(table, *unique, update=act == "UPDATE"),
    )
    for table, all_of_it in UNIQUE.items()
    for number, unique in enumerate(all_of_it)
    for act in ("INSERT", "UPDATE")
]


def create_rule(rule: Rule) -> dict[str, list[str]]:
    """Return the statements that create a rule, by database vendor."""
    when = condition(rule, "IS NOT")
    return {
        "sqlite": [on_sqlite(rule.name, rule.table, rule.act, rule.words, when)],
        "postgresql": on_postgresql(rule),
    }


CREATE_RULES = {
    "sqlite": [
        *(statement for rule in RULES for statement in create_rule(rule)["sqlite"]),
        *(
            on_sqlite(name, table, act, ENTRY_FINAL if table == "entry" else TAKEN, when)
            for name, table, act, when in UNIQUE_TRIGGERS
        ),
    ],
    "postgresql": [
        *(statement for rule in RULES for statement in create_rule(rule)["postgresql"]),
        *(
            f"CREATE TRIGGER budgets_{table}_truncated BEFORE TRUNCATE ON budgets_{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION budgets_entry_stays()"
            for table in UNIQUE
        ),
    ],
}
DROP_RULES = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS budgets_{name}"
        for name in [*(rule.name for rule in RULES), *(rule[0] for rule in UNIQUE_TRIGGERS)]
    ],
    "postgresql": [
        *(f"DROP TRIGGER IF EXISTS budgets_{rule.name} ON budgets_{rule.table}" for rule in RULES),
        *(f"DROP FUNCTION IF EXISTS budgets_{rule.name}()" for rule in RULES),
        *(
            f"DROP TRIGGER IF EXISTS budgets_{table}_truncated ON budgets_{table}"
            for table in UNIQUE
        ),
    ],
}


def drop_rules(connection: BaseDatabaseWrapper, names: Iterable[str]) -> None:
    """Drop the triggers of the rules with these names."""
    going = [rule for rule in [*RULES, GREENLIT_BY_ANOTHER] if rule.name in set(names)]
    for rule in going:
        on = f" ON budgets_{rule.table}" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS budgets_{rule.name}{on}")
            if on:
                cursor.execute(f"DROP FUNCTION IF EXISTS budgets_{rule.name}()")


def run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    """Run the statements for the connection's database vendor."""
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


@contextmanager
def without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Drop the triggers while all data is deleted, and create them again; only for `flush`.

    This is one transaction, so other connections never see the tables without their triggers.
    """
    with transaction.atomic(using=connection.alias):
        run(connection, DROP_RULES)
        run(connection, DROP_ENTRY_TRIGGERS)
        yield
        run(connection, CREATE_ENTRY_TRIGGERS)
        run(connection, CREATE_RULES)
