"""Checksums that are computed while an upload arrives.

They are complete only if all requests of an upload reach the same process in order. Otherwise the
verification reads the whole file.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import Protocol

KEPT = 64  # checksums in one process


class Sum(Protocol):
    """A hash object of hashlib."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Sums:
    """The running checksums of uploads in this process, with the bytes they cover."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: OrderedDict[int, tuple[Sum, int]] = OrderedDict()

    def take(self, upload_id: int, offset: int) -> Sum | None:
        """Take the checksum of the first `offset` bytes out; None if this process lacks it."""
        with self.lock:
            kept = self.running.pop(upload_id, None)
        if offset == 0:
            return hashlib.sha256()
        return kept[0] if kept and kept[1] == offset else None

    def keep(self, upload_id: int, running: Sum, position: int) -> None:
        """Keep a checksum for the next request. The oldest is dropped if there are too many."""
        with self.lock:
            self.running[upload_id] = running, position
            while len(self.running) > KEPT:
                self.running.popitem(last=False)

    def forget(self, upload_id: int) -> None:
        with self.lock:
            self.running.pop(upload_id, None)


sums = Sums()
