"""Played ranges of a video in seconds, and their union."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

Range = tuple[float, float]


def union(ranges: Iterable[Sequence[float]], duration: float | None = None) -> list[Range]:
    """Return the union as sorted, disjoint [start, end) ranges in seconds, within the duration.

    Order and repetition of the ranges do not matter. Empty ranges are dropped.
    """
    limit = float("inf") if duration is None else duration
    joined: list[Range] = []
    for start, end in sorted((a, min(b, limit)) for a, b in ranges):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def with_played(
    known: Iterable[Sequence[float]], played: Iterable[Sequence[float]], duration: float | None
) -> list[Range]:
    """Return the union of the known ranges and the newly played ones within the duration.

    Known ranges stay, even if the video has become shorter.
    """
    return union([*known, *union(played, duration)])


def seconds(ranges: Iterable[Range]) -> Decimal:
    """Return the total seconds of disjoint ranges, exact in the reported digits."""
    return sum((Decimal(repr(b)) - Decimal(repr(a)) for a, b in ranges), Decimal(0))
