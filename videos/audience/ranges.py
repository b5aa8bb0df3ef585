"""What was really played: ranges of seconds, and their union."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

Range = tuple[float, float]


def union(ranges: Iterable[Sequence[float]], duration: float | None = None) -> list[Range]:
    """The union as sorted, disjoint [start, end) ranges in seconds, bounded to the duration.

    The order and the number of times a range is given change nothing. Empty ranges vanish.
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
    """The union of what is known and what was played besides, which is bounded to the duration.

    What is known stays, also when the video has become shorter.
    """
    return union([*known, *union(played, duration)])


def seconds(ranges: Iterable[Range]) -> Decimal:
    """The distinct seconds of disjoint ranges, exact in the digits that were reported."""
    return sum((Decimal(repr(b)) - Decimal(repr(a)) for a, b in ranges), Decimal(0))
