"""Holding a row while we work on it: a lease that a heartbeat renews, and that can be lost.

Works on any row with `token`, `lease_until`, `progress` and `speed`. The heart beats in a thread
of its own, so that work which is silent for long (a copy, a check) keeps its lease, and so that a
database which is away for a while disturbs no encode. Clocks of several hosts must agree within a
few seconds.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.utils.timezone import now

from videos.media.errors import LeaseLost
from videos.media.progress import Progress

log = logging.getLogger(__name__)

# A cancelled job's work ends within two beats.
BEAT_SECONDS = 2.0
AWAY = (OperationalError, InterfaceError)
Answer = TypeVar("Answer")


def term() -> timedelta:
    """How long a lease holds without being renewed."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Lease:
    """A hold on `rows`: those that carry our token and are still running.

    `before` is how far people saw the work when we took it over.
    """

    def __init__(self, rows: QuerySet[Any], before: float = 0.0) -> None:
        self.rows = rows
        self.way = Progress(before)
        self.seconds = float(settings.JOB_LEASE_SECONDS)
        self.until = time.monotonic() + self.seconds
        self.lost = threading.Event()
        self.progress: dict[str, float | None] = {}

    def tell(self, done: float, speed: float | None) -> None:
        """Notes how far the work is, for the next beat. Raises LeaseLost."""
        self.progress = {**self.progress, "progress": self.way.tell(done), "speed": speed}
        self.check()

    def begin_anew(self) -> None:
        """The work on a job starts from its beginning; what people saw of it stays."""
        self.way.begin_anew()
        self.progress = {**self.progress, "progress_before": self.way.before}

    def go_on(self) -> None:
        """The work on a job goes on with what was made of it, and tells of it as a whole."""
        self.way.go_on()
        self.progress = {**self.progress, "progress_before": self.way.before}

    def check(self) -> None:
        """Raises LeaseLost when somebody else may have the row by now."""
        if self.lost.is_set() or time.monotonic() > self.until:
            raise LeaseLost

    def renew(self) -> None:
        """One beat. A database that does not answer is no loss before the lease runs out."""
        began = time.monotonic()
        try:
            if self.rows.update(lease_until=now() + term(), **self.progress):
                self.until = began + self.seconds
            else:
                self.lost.set()
        except AWAY as trouble:
            log.warning("the database is away, the lease goes on: %s", trouble)
            connection.close()

    def patiently(self, act: Callable[[], Answer]) -> Answer:
        """What `act` returns, tried again while the database is away. Raises LeaseLost."""
        while True:
            try:
                return act()
            except AWAY as trouble:
                log.warning("the database is away, trying again: %s", trouble)
                self.check()
                connection.close()
                time.sleep(min(1.0, self.seconds / 20))


def pause_of(lease: Lease) -> float:
    """Seconds between two beats."""
    return min(BEAT_SECONDS, lease.seconds / 6)


@contextmanager
def beating(lease: Lease) -> Iterator[Lease]:
    """Keeps a lease while the block runs."""
    over = threading.Event()
    pause = pause_of(lease)

    def beat() -> None:
        try:
            while not over.wait(pause) and not lease.lost.is_set():
                lease.renew()
        finally:
            connection.close()

    heart = threading.Thread(target=beat, name="heart", daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        over.set()
        heart.join(pause)  # a connection that hangs is left to itself
