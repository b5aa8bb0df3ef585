"""Estimates when waiting jobs start."""

import heapq
from collections.abc import Sequence


def starts(left: Sequence[float], lengths: Sequence[float]) -> list[float]:
    """The seconds until each waiting job starts, in queue order.

    `left` are the remaining seconds of the running jobs, one for each busy worker; without any, one
    worker is assumed to be free. `lengths` are the durations of the waiting jobs in seconds.
    """
    free = list(left) or [0.0]
    heapq.heapify(free)
    found = []
    for length in lengths:
        begin = heapq.heappop(free)
        found.append(begin)
        heapq.heappush(free, begin + length)
    return found
