"""Whether two shoots conflict: pure functions on plain values."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """The time from `start`, included, to `end`, excluded. Create it with `of`."""

    start: dt.datetime
    end: dt.datetime

    @classmethod
    def of(cls, start: dt.datetime, end: dt.datetime) -> "Span":
        """The span between two aware datetimes, in UTC.

        Python compares datetimes of one zone by their wall time, even across a change of clocks.
        """
        return cls(start.astimezone(dt.UTC), end.astimezone(dt.UTC))


class Booking(NamedTuple):
    """The experts and resources that a shoot uses, by primary key, and its time."""

    shoot: int  # 0: not booked yet
    span: Span
    experts: frozenset[int]
    resources: frozenset[int]


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share an instant. They do not if one starts when the other ends."""
    return one.start < other.end and other.start < one.end


def find_conflict(wanted: Booking, others: Iterable[Booking]) -> Booking | None:
    """The first booking that uses the same expert or resource at the same time, or None.

    It is reduced to what both use. A shoot does not conflict with itself.
    """
    for other in others:
        experts = wanted.experts & other.experts
        resources = wanted.resources & other.resources
        if (
            other.shoot != wanted.shoot
            and (experts or resources)
            and overlaps(wanted.span, other.span)
        ):
            return other._replace(experts=experts, resources=resources)
    return None
