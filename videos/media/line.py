"""Where waiting jobs stand in line, and about when each begins: a pure function."""

import heapq
from collections.abc import Sequence


def starts(left: Sequence[float], lengths: Sequence[float]) -> list[float]:
    """Seconds until each waiting job begins, in the line's order.

    `left` are the seconds that the running jobs still take: each of their workers, then, takes
    the next in line. Nobody running counts as one worker that is free now. `lengths` are the
    seconds that the waiting ones will take.
    """
    free = list(left) or [0.0]
    heapq.heapify(free)
    found = []
    for length in lengths:
        begin = heapq.heappop(free)
        found.append(begin)
        heapq.heappush(free, begin + length)
    return found
