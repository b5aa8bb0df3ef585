"""Database functions for search and sorting, alike on SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, Lookup, TextField

from studio.collation.fold import fold, sort_key

SQLITE: dict[str, Callable[[str], str]] = {"studio_fold": fold, "studio_sort_key": sort_key}


def teach_sqlite(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Add the functions to a new SQLite connection; PostgreSQL has them by a migration."""
    if connection.vendor != "sqlite":
        return
    database: sqlite3.Connection = connection.connection
    for name, function in SQLITE.items():
        database.create_function(name, 1, or_null(function), deterministic=True)


def or_null(function: Callable[[str], str]) -> Callable[[Any], str | None]:
    """Wrap the function for column values, which may be NULL and, in SQLite, numbers."""

    def of_value(value: Any) -> str | None:
        return None if value is None else function(str(value))

    return of_value


class SortKey(Func):
    """Sorts a column as people do: `order_by(SortKey("name"))`, or `.desc()` of it."""

    function = "studio_sort_key"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template='(%(function)s((%(expressions)s)::text) COLLATE "C")',
            **context,
        )


@CharField.register_lookup
@TextField.register_lookup
class Found(Lookup):
    """The lookup `name__found="ozlem"`: contains, ignoring case and accents."""

    lookup_name = "found"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, of_column = self.process_lhs(compiler, connection)
        return f"INSTR(studio_fold({column}), %s) > 0", [*of_column, fold(str(self.rhs))]

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        column, of_column = self.process_lhs(compiler, connection)
        sought = "studio_fold(%s::text)"  # by the same function as the column
        return f"STRPOS(studio_fold(({column})::text), {sought}) > 0", [*of_column, str(self.rhs)]
