"""Lets the demo relive a year: the rooms' own functions act at a moment that is past.

Everything asks `timezone.now()` what time it is, the database's `auto_now_add` columns too. While
a `at(moment)` is open it answers with that moment, in this process alone. Only the demo uses it:
a console command, and its own tasks, of which a worker process runs one at a time.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """A context in which it is `moment`."""
    fixed = moment.astimezone(dt.UTC)
    was = timezone.now
    timezone.now = lambda: fixed
    try:
        yield
    finally:
        timezone.now = was
