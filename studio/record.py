"""The kinds of log entries in the administrators' report “Who did what”.

Each room registers its kinds where it logs; the desk lists them all. An entry that matches several
kinds belongs to the first registered.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.text import capfirst
from wagtail.models import ModelLogEntry

from studio.changes import REASON

NOTE = "note"  # key in a log entry's data: an optional reason


@dataclass(frozen=True)
class Kind:
    """A kind of action: its name and its log entries."""

    name: str
    label: Any
    entries: Q


KINDS: dict[str, Kind] = {}


def register_acts(name: str, entries: Q, label: Any = "") -> None:
    """Register a kind of action, or add entries to a registered kind."""
    if known := KINDS.get(name):
        label, entries = known.label or label, known.entries | entries
    KINDS[name] = Kind(name, label, entries)


def logged(*actions: str) -> Q:
    """Log entries with one of these actions."""
    return Q(action__in=actions)


def of_rows(*kinds: type[models.Model]) -> Q:
    """Log entries about these models."""
    found = Q()
    for kind in kinds:
        meta = kind._meta
        found |= Q(content_type__app_label=meta.app_label, content_type__model=meta.model_name)
    return found


def is_true(key: str) -> Q:
    """Log entries whose data has a true value."""
    return Q(**{f"data__{key}": True})


def is_not(key: str) -> Q:
    """Log entries whose data has a false value or none."""
    return Q(**{f"data__{key}": False}) | Q(**{f"data__{key}__isnull": True})


def by_somebody() -> Q:
    """Log entries of people, not of the studio or the CRM."""
    return Q(user__isnull=False)


def acts() -> "QuerySet[ModelLogEntry]":
    """All log entries of registered kinds, latest first, annotated with `kind`."""
    of_any = Q()
    for kind in KINDS.values():
        of_any |= kind.entries
    first = Case(
        *(When(kind.entries, then=Value(name)) for name, kind in KINDS.items()),
        output_field=models.CharField(),
    )
    found: QuerySet[ModelLogEntry] = ModelLogEntry.objects.filter(of_any).annotate(kind=first)
    return found.order_by("-timestamp", "-pk")


def reason_of(entry: ModelLogEntry) -> str:
    """The reason of a log entry; empty if none was given."""
    data = entry.data or {}
    return str(data.get(REASON) or data.get(NOTE) or "")


def what_of(entry: ModelLogEntry) -> str:
    """Describe a log entry without its reason."""
    told = getattr(entry.formatter, "format_without_reason", None)
    said = capfirst(told(entry)) if told else str(entry.message)
    comment = str(entry.comment or "")
    return f"{said}. {comment}" if comment and comment != reason_of(entry) else said
