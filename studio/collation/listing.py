"""Search and sorting for lists in the admin, ignoring case and accents."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, Field, Model, Q, QuerySet, TextField
from django.db.models.constants import LOOKUP_SEP

from studio.collation.fold import fold
from studio.collation.functions import Found, SortKey

MOST_WORDS = 10  # of a search; the rest is ignored


def words_of(text: str) -> list[str]:
    """The folded words of a search, without NUL, which databases refuse."""
    return fold(text.replace("\0", " ")).split()[:MOST_WORDS]


def find(rows: "QuerySet[Any]", fields: Sequence[str], text: str) -> "QuerySet[Any]":
    """Filter rows in which each word of the text occurs in some field, without duplicates."""
    for word in words_of(text):
        anywhere = Q()
        for name in fields:
            anywhere |= Q((f"{name}{LOOKUP_SEP}{Found.lookup_name}", word))
        rows = rows.filter(anywhere)
    return rows.distinct() if any(is_many(rows.model, name) for name in fields) else rows


def path_of(model: type[Model], name: str) -> list[Any]:
    """The fields along a lookup path like `contact__company__name`; empty if it is no path."""
    fields: list[Any] = []
    for part in name.split(LOOKUP_SEP):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return []
        fields.append(field)
        model = field.related_model or model
    return fields


def is_many(model: type[Model], name: str) -> bool:
    """Whether a lookup path may match several rows per object."""
    return any(field.one_to_many or field.many_to_many for field in path_of(model, name))


def is_written(field: "Field[Any, Any] | Any") -> bool:
    """Whether a column holds text that people write, not a choice's code."""
    return isinstance(field, CharField | TextField) and not field.choices


def as_people_sort(model: type[Model], ordering: Sequence[Any]) -> list[Any]:
    """Replace text columns in an ordering by their sort keys."""
    return [in_people_order(model, part) if isinstance(part, str) else part for part in ordering]


def in_people_order(model: type[Model], name: str) -> Any:
    """One term of an ordering, by its sort key if it is a text column."""
    path = path_of(model, name.removeprefix("-"))
    if not path or not is_written(path[-1]):
        return name
    key, is_down = SortKey(name.removeprefix("-")), name.startswith("-")
    if any(field.null for field in path):  # the databases sort NULL differently
        return key.desc(nulls_last=True) if is_down else key.asc(nulls_first=True)
    return key.desc() if is_down else key.asc()


class CollatedListing:
    """A list whose search and sorting ignore case and accents.

    Mix it in before `IndexView`. Links to other searches follow the results.
    """

    show_other_searches = True

    def search_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if not self.is_searching:  # type: ignore[attr-defined]
            return queryset
        return find(queryset, self.search_fields or [], self.search_query)  # type: ignore[attr-defined]

    def order_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        ordered: QuerySet[Any] = super().order_queryset(queryset)  # type: ignore[misc]
        by = ordered.query.order_by
        return ordered.order_by(*as_people_sort(ordered.model, by)) if by else ordered
