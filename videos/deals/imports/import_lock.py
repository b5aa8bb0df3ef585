"""A lock that lets one import run at a time; a second one is refused at once."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

LOCK = 0x434C4F53_494D5054  # key of PostgreSQL's advisory lock; nothing else uses it
FILE = "import.lock"
mine = threading.local()  # whether this thread holds the lock


class ImportRunning(ValidationError):
    """Another import is still running."""

    def __init__(self) -> None:
        text = _(
            "Another import is running, so nothing was imported. Start this one again when the "
            "other has finished."
        )
        super().__init__(text, "import_running")


@contextmanager
def import_lock() -> Iterator[None]:
    """Runs a transaction that no other import can run beside. Raises ImportRunning.

    Reentrant in the same thread. The lock is released even if the process dies: on PostgreSQL with
    the transaction, on SQLite (where every process is on this machine) with the file handle.
    """
    if getattr(mine, "held", False):
        with transaction.atomic():
            yield
        return
    mine.held = True
    try:
        with locked():
            yield
    finally:
        mine.held = False


@contextmanager
def locked() -> Iterator[None]:
    """Runs a transaction that holds the lock. Raises ImportRunning."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                if not cursor.fetchone()[0]:
                    raise ImportRunning
            yield
        return
    handle = os.open(settings.DATA_DIR / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportRunning from None
        with transaction.atomic():
            yield
    finally:
        os.close(handle)
