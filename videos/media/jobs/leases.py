"""Leases on rows that a worker is processing, renewed by a heartbeat.

Any model with `token` and `lease_until` can be leased; `progress` and `speed` are needed only to
report progress. The heartbeat runs in a thread of its own, so that a long copy does not lose the
lease and a short database outage does not stop an encode. The clocks of all hosts must agree to
within a few seconds.
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
from videos.media.jobs.progress import Progress

log = logging.getLogger(__name__)

# Work on a cancelled job stops within two heartbeats
HEARTBEAT_SECONDS = 2.0
DATABASE_AWAY = (OperationalError, InterfaceError)
Answer = TypeVar("Answer")


def lease_duration() -> timedelta:
    """How long a lease lasts unless it is renewed."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


class Lease:
    """A lease on `rows`, a queryset of the row that our token still holds.

    `before` is the progress that was shown when we claimed the row, from 0 to 1.
    """

    def __init__(self, rows: QuerySet[Any], before: float = 0.0) -> None:
        self.rows = rows
        self.tracker = Progress(before)
        self.seconds = float(settings.JOB_LEASE_SECONDS)
        self.until = time.monotonic() + self.seconds
        self.lost = threading.Event()
        self.progress: dict[str, float | None] = {}

    def report_progress(self, done: float, speed: float | None) -> None:
        """Record the progress for the next heartbeat to save. Raises LeaseLost."""
        self.progress = {
            **self.progress,
            "progress": self.tracker.update(done),
            "speed": speed,
        }
        self.check()

    def restart_progress(self) -> None:
        """The work starts again. The progress that is shown does not decrease."""
        self.tracker.restart_progress()
        self.progress = {**self.progress, "progress_before": self.tracker.before}

    def resume_progress(self) -> None:
        """The work continues with earlier results, and reports its progress as a whole."""
        self.tracker.resume_progress()
        self.progress = {**self.progress, "progress_before": self.tracker.before}

    def check(self) -> None:
        """Raise LeaseLost if another worker may hold the row by now."""
        if self.lost.is_set() or time.monotonic() > self.until:
            raise LeaseLost

    def renew(self) -> None:
        """Renew the lease once. A database outage is tolerated until the lease expires."""
        began = time.monotonic()
        try:
            if self.rows.update(lease_until=now() + lease_duration(), **self.progress):
                self.until = began + self.seconds
            else:
                self.lost.set()
        except DATABASE_AWAY as trouble:
            log.warning("database not reachable, the lease is kept: %s", trouble)
            connection.close()

    def retry_while_database_is_away(self, act: Callable[[], Answer]) -> Answer:
        """Return `act()`, retried while the database is not reachable. Raises LeaseLost."""
        while True:
            try:
                return act()
            except DATABASE_AWAY as trouble:
                log.warning("database not reachable, trying again: %s", trouble)
                self.check()
                connection.close()
                time.sleep(min(1.0, self.seconds / 20))


def heartbeat_interval(lease: Lease) -> float:
    """The seconds between two heartbeats."""
    return min(HEARTBEAT_SECONDS, lease.seconds / 6)


@contextmanager
def heartbeat(lease: Lease) -> Iterator[Lease]:
    """Renew a lease in the background while the block runs."""
    over = threading.Event()
    pause = heartbeat_interval(lease)

    def beat() -> None:
        try:
            while not over.wait(pause) and not lease.lost.is_set():
                lease.renew()
        finally:
            connection.close()

    heart = threading.Thread(target=beat, name="heartbeat", daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        over.set()
        heart.join(pause)  # do not wait for a connection that hangs
