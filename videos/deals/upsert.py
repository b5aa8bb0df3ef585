"""Writes many rows at once, by what names them, and tells what that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
CHUNK = 500  # SQLite takes a limited number of parameters


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of a file were new, were changed, and stayed as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


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


def upsert(model: type[M], rows: Sequence[M], fields: Sequence[str]) -> Written:
    """Saves `rows` by public id: new ones whole, known ones in `fields` where these differ.

    Public ids must be distinct. No signals are sent.
    """
    before = {
        public_id: tuple(values)
        for chunk in chunks(row.public_id for row in rows)  # type: ignore[attr-defined]
        for public_id, *values in model._default_manager.order_by()
        .filter(public_id__in=chunk)
        .values_list("public_id", *fields)
    }
    changed = []
    created = 0
    for row in rows:
        known = before.get(row.public_id)  # type: ignore[attr-defined]
        created += known is None
        if known is None or known != tuple(getattr(row, name) for name in fields):
            changed.append(row)
    save_by(model, changed, ["public_id"], fields)
    return Written(created, len(changed) - created, len(rows) - len(changed))


def save_by(
    model: type[M], rows: Sequence[M], unique: Sequence[str], fields: Sequence[str]
) -> None:
    """Inserts rows, or updates `fields` of those that are there by `unique`."""
    names = [model._meta.get_field(name).name for name in fields]
    model._default_manager.bulk_create(
        rows, update_conflicts=True, unique_fields=list(unique), update_fields=names
    )
