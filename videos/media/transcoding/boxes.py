"""The boxes of a file of the MP4 family (ISO/IEC 14496-12, 4.2).

It reads sources, which are untrusted: it follows no references, and stops where a length is
impossible.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_BOXES = 100_000  # that are read in one source, nested or not


class Box(NamedTuple):
    """A box: its four-letter type, and offsets in the file. `end` may be beyond the file's."""

    name: bytes
    start: int
    content: int
    end: int


def box_budget() -> Iterator[int]:
    """An iterator with an item for each box that may still be read."""
    return iter(range(MAX_BOXES))


def boxes(
    file: BinaryIO, start: int, end: int, budget: Iterator[int] | None = None
) -> Iterator[Box]:
    """The boxes between two offsets, without those inside them.

    At most as many as `budget` has: nested boxes can be as many as an eighth of the file's bytes.
    """
    at, budget = start, box_budget() if budget is None else budget
    while at + 8 <= end and next(budget, None) is not None:
        file.seek(at)
        header = file.read(16)
        length, name = struct.unpack(">I4s", header[:8])
        content = at + 8
        if length == 1 and len(header) == 16:
            length, content = int.from_bytes(header[8:], "big"), at + 16
        elif length == 0:  # to the end
            length = end - at
        if length < content - at:
            return
        yield Box(name, at, content, at + length)
        at += length
