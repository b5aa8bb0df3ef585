"""Writes many rows at once by their public ids, and counts what that changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models

from studio.changes import Changes, changes, log_changes
from studio.chunks import chunks

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows of a file were new, changed and unchanged."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "RowCounts") -> "RowCounts":
        return RowCounts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def keys_of(model: type[models.Model], public_ids: Iterable[str]) -> dict[str, int]:
    """Returns the primary keys of the rows that exist, by public id."""
    return {
        public_id: pk
        for chunk in chunks(public_ids)
        for public_id, pk in model._default_manager.order_by()
        .filter(public_id__in=chunk)
        .values_list("public_id", "pk")
    }


def upsert(
    model: type[M],
    rows: Iterable[M],
    fields: Sequence[str],
    derived: Sequence[str] = (),
    recorded: Sequence[str] = (),
    more: Callable[[M], Mapping[str, Any]] = lambda row: {},
) -> RowCounts:
    """Inserts rows with new public ids, and updates `fields` of existing rows where they differ.

    `derived` fields are computed from the others: they are written along, but alone do not make a
    row changed. Changes of existing rows in `recorded` fields, a subset of `fields`, are logged,
    with the data that `more` returns for each row. Public ids must be distinct. Signals are not
    sent. At most CHUNK rows are held in memory.
    """
    total = RowCounts()
    for chunk in chunks(rows):
        total += upsert_chunk(model, chunk, fields, derived, recorded, more)
    return total


def upsert_chunk(
    model: type[M],
    rows: Sequence[M],
    fields: Sequence[str],
    derived: Sequence[str],
    recorded: Sequence[str],
    more: Callable[[M], Mapping[str, Any]],
) -> RowCounts:
    """Saves at most CHUNK rows, as `upsert` does."""
    there = model._default_manager.order_by()
    if recorded:  # the logged values must be those that are overwritten
        there = there.select_for_update(no_key=True)
    before = {
        public_id: tuple(values)
        for public_id, *values in there.filter(
            public_id__in=[row.public_id for row in rows]  # type: ignore[attr-defined]
        ).values_list("public_id", *fields)
    }
    changed = []
    created = 0
    for row in rows:
        known = before.get(row.public_id)  # type: ignore[attr-defined]
        created += known is None
        if known is None or known != tuple(getattr(row, name) for name in fields):
            changed.append(row)
    save_by(model, changed, ["public_id"], [*fields, *derived])
    if recorded:
        known_rows = [row for row in changed if row.public_id in before]  # type: ignore[attr-defined]
        keys = keys_of(model, [row.public_id for row in known_rows])  # type: ignore[attr-defined]
        told = []
        for row in known_rows:
            row.pk = keys[row.public_id]  # type: ignore[attr-defined]
            was = dict(zip(fields, before[row.public_id], strict=True))  # type: ignore[attr-defined]
            told.append((row, changes_of(row, was, recorded)))
        log_changes(told, by=None, by_import=True, more=more)
    return RowCounts(created, len(changed) - created, len(rows) - len(changed))


def changes_of(row: models.Model, was: Mapping[str, Any], recorded: Sequence[str]) -> Changes:
    """Returns the changes of `recorded` attributes, by field name."""
    named = {name: row._meta.get_field(name).name for name in recorded}
    return changes(
        {field: was[name] for name, field in named.items()},
        {field: getattr(row, name) for name, field in named.items()},
    )


def save_by(
    model: type[M], rows: Sequence[M], unique: Sequence[str], fields: Sequence[str]
) -> None:
    """Inserts rows, or updates `fields` of those that exist by `unique`."""
    names = [model._meta.get_field(name).name for name in fields]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=list(unique), update_fields=names
    )
