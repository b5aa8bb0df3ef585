"""One import at a time: who comes second is told so at once, and waits for nothing."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

LOCK = 0x434C4F53_494D5054  # of PostgreSQL: any number that nothing else takes
FILE = "import.lock"


class ImportRunning(ValidationError):
    """Another import has not ended yet."""

    def __init__(self) -> None:
        text = _(
            "Another import is running, so nothing was imported. Start this one again when that "
            "one has ended."
        )
        super().__init__(text, "import_running")


@contextmanager
def one_import() -> Iterator[None]:
    """A transaction that no other import runs beside. Raises ImportRunning.

    Both locks are let go by whoever ends, however that ends: PostgreSQL's with the transaction,
    the file's with the process, which on SQLite is on this machine.
    """
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
