"""Writes many rows at once, by what names them, and tells what that changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from studio.changes import Changes, changes, log_changes

M = TypeVar("M", bound=models.Model)
CHUNK = 500  # SQLite takes a limited number of parameters


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of a file were new, were changed, and stayed as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def chunks(items: Iterable[Any]) -> Iterable[list[Any]]:
    """The items in lists of at most CHUNK."""
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def keys_of(model: type[models.Model], public_ids: Iterable[str]) -> dict[str, int]:
    """Primary keys by public id, of those that exist."""
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
) -> Written:
    """Saves `rows` by public id: new ones whole, known ones in `fields` where these differ.

    `derived` fields follow from the others: they are written with them, and alone change nothing.
    What changes of known rows in `recorded` fields, which are some of the others, is put on record.
    Public ids must be distinct. No signals are sent. No more than CHUNK rows are held at a time.
    """
    total = Written()
    for chunk in chunks(rows):
        total += upsert_chunk(model, chunk, fields, derived, recorded)
    return total


def upsert_chunk(
    model: type[M],
    rows: Sequence[M],
    fields: Sequence[str],
    derived: Sequence[str],
    recorded: Sequence[str],
) -> Written:
    """Saves at most CHUNK rows, as `upsert` does."""
    there = model._default_manager.order_by()
    if recorded:  # what was there must be what is written over
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
        log_changes(told, by=None, by_import=True)
    return Written(created, len(changed) - created, len(rows) - len(changed))


def changes_of(row: models.Model, was: Mapping[str, Any], recorded: Sequence[str]) -> Changes:
    """What is no longer as it was of some fields, given by their attributes; named as fields."""
    named = {name: row._meta.get_field(name).name for name in recorded}
    return changes(
        {field: was[name] for name, field in named.items()},
        {field: getattr(row, name) for name, field in named.items()},
    )


def save_by(
    model: type[M], rows: Sequence[M], unique: Sequence[str], fields: Sequence[str]
) -> None:
    """Inserts rows, or updates `fields` of those that are there by `unique`."""
    names = [model._meta.get_field(name).name for name in fields]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=list(unique), update_fields=names
    )
