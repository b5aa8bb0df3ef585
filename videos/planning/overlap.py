"""When two shoots get in each other's way: pure, on plain values."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple


class Span(NamedTuple):
    """Time from `start`, included, to `end`, not included: two instants, best made by `of`."""

    start: dt.datetime
    end: dt.datetime

    @classmethod
    def of(cls, start: dt.datetime, end: dt.datetime) -> "Span":
        """The span between two aware datetimes, in UTC.

        Two datetimes of one zone are compared by what its clocks show, whichever way they were set
        in between.
        """
        return cls(start.astimezone(dt.UTC), end.astimezone(dt.UTC))


class Booking(NamedTuple):
    """Who and what a shoot takes, by primary key, and when."""

    shoot: int  # 0: not booked yet
    span: Span
    experts: frozenset[int]
    resources: frozenset[int]


def overlaps(one: Span, other: Span) -> bool:
    """Whether the two share an instant. A span ends before the one that starts at its end."""
    return one.start < other.end and other.start < one.end


def in_the_way(wanted: Booking, others: Iterable[Booking]) -> Booking | None:
    """The first of the others that takes the same expert or thing at the same time, cut down to
    what both want; a shoot is never in its own way."""
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
