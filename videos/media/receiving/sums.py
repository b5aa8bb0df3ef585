"""Checksums of uploads taken while their bytes come in, by the process that they come through.

Good for an upload whose requests all reach one process, in order. For any other the whole file is
read again at its end.
"""

import hashlib
import threading
from collections import OrderedDict
from typing import Protocol

KEPT = 64  # uploads at a time in one process


class Sum(Protocol):
    """What hashlib makes."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Sums:
    """The running checksum of each upload, with how many bytes are in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running: OrderedDict[int, tuple[Sum, int]] = OrderedDict()

    def take(self, upload_id: int, offset: int) -> Sum | None:
        """The checksum of the first `offset` bytes, to go on with; None: nobody here has it."""
        with self.lock:
            kept = self.running.pop(upload_id, None)
        if offset == 0:
            return hashlib.sha256()
        return kept[0] if kept and kept[1] == offset else None

    def keep(self, upload_id: int, running: Sum, position: int) -> None:
        """Put it back for the next request; the one that waited longest makes room."""
        with self.lock:
            self.running[upload_id] = running, position
            while len(self.running) > KEPT:
                self.running.popitem(last=False)

    def forget(self, upload_id: int) -> None:
        with self.lock:
            self.running.pop(upload_id, None)


sums = Sums()
