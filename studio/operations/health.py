"""Health checks for load balancers and monitors: is the studio alive, and is it ready?"""

import logging
import os
import time
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.status import Stat

from videos.media.storage.files import local
from videos.media.uploads import cors

KEPT_SECONDS = 5.0  # shorter than a monitor's interval
WRITTEN_SECONDS = 60.0  # between two test files written to the storage
LONGEST_LOOK = 30.0  # seconds after which a check that still runs counts as failed
FIRST_LOOK = 5.0  # seconds to wait for the very first check
logger = logging.getLogger(__name__)


class NotReady(Exception):
    """A part of the studio does not work; the message may be shown to anyone."""


class Wanting(Exception):
    """A part of the studio works only in part; the message may be shown to anyone."""


class Finding(NamedTuple):
    """The result of one check; `wanting` says that the part works only in part."""

    ok: bool
    words: str
    wanting: bool = False

    @property
    def state(self) -> str:
        """The result in one word."""
        if not self.ok:
            return "failed"
        return "warning" if self.wanting else "ok"


def database() -> str:
    """Run a trivial query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return _("The database answers.")


def queue() -> str:
    """Ping the broker and look for a worker's heartbeat. Raises NotReady when there is none."""
    broker = get_broker()
    if not broker.ping():
        raise NotReady(_("The queue does not answer."))
    beating = [stat for stat in Stat.get_all(broker) if stat.status != Conf.STOPPED]
    if not beating:
        raise NotReady(_("The queue answers, but no worker takes from it."))
    return ngettext(
        "The queue answers, and %(count)d worker cluster takes from it.",
        "The queue answers, and %(count)d worker clusters take from it.",
        len(beating),
    ) % {"count": len(beating)}


class Probe:
    """Checks that the storage works: by writing a file now and then, otherwise by a cheap request.

    Frequent checks therefore cause few writes.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.until = 0.0

    def forget(self) -> None:
        """Write a test file at the next check."""
        self.until = 0.0

    def __call__(self) -> str:
        """Describe a working storage.

        Raises NotReady if it does not work, and Wanting if browsers cannot use the bucket.
        """
        footage = storages["footage"]
        if self.clock() < self.until:
            answers(footage)
        else:
            gives_back(footage)
            self.until = self.clock() + self.seconds
        if settings.S3_BUCKET and not cors.is_allowed():
            raise Wanting(
                _("The storage works, but its bucket keeps browsers from using it (CORS).")
            )
        return _("The storage works.")


def answers(footage: Storage) -> None:
    """Send the storage a small read request. Errors of the storage are passed on."""
    if (folder := local(footage, "")) is not None:
        os.stat(folder)
    else:
        footage.exists("probes")


def gives_back(footage: Storage) -> None:
    """Write, read and delete a file. Raises NotReady if the content differs."""
    sent = uuid4().hex.encode()
    name = footage.save(f"probes/{uuid4()}", ContentFile(sent))
    try:
        with footage.open(name) as file:
            got = file.read()
    finally:
        footage.delete(name)
    if got != sent:
        raise NotReady(_("The storage does not return what was stored."))


storage = Probe(WRITTEN_SECONDS)  # one per process


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "queue": queue,
    "storage": storage,
}


def look(name: str, check: Callable[[], str]) -> Finding:
    """Run one check. The cause of a failure goes to the log, never into the response."""
    try:
        return Finding(True, check())
    except NotReady as failure:
        logger.warning("Not ready: %s: %s", name, failure)
        return Finding(False, str(failure))
    except Wanting as flaw:
        return Finding(True, str(flaw), wanting=True)
    except Exception:  # the other checks go on, and the log has the cause
        logger.exception("Not ready: %s", name)
        return Finding(False, _("It does not work. The log says more."))


def look_at_everything() -> dict[str, Finding]:
    """Run every check; returns the results by name."""
    return {name: look(name, check) for name, check in CHECKS.items()}


class Glance:
    """The results of all checks, kept for a few seconds, since anybody may ask at any rate.

    A request during a running check gets the previous results at once; only the very first check is
    waited for. A check that does not end is reported as failed. Messages are in the language of the
    request that started the check.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.lock = Lock()
        self.found: dict[str, Finding] | None = None
        self.until = 0.0

    def __call__(self) -> dict[str, Finding]:
        """The results, at most `seconds` old."""
        if not self.lock.acquire(timeout=0 if self.found else FIRST_LOOK):
            return self.meanwhile()
        try:
            if self.found is None or self.clock() >= self.until:
                self.found = look_at_everything()
                self.until = self.clock() + self.seconds
            return self.found
        finally:
            self.lock.release()

    def meanwhile(self) -> dict[str, Finding]:
        """The previous results, unless the running check takes too long."""
        found = self.found
        if found and self.clock() < self.until + LONGEST_LOOK:
            return found
        words = _("A check has not ended in time.")
        return {"studio": Finding(False, words)}

    def forget(self) -> None:
        """Run the checks anew at the next request."""
        storage.forget()
        with self.lock:
            self.found = None


glance = Glance(KEPT_SECONDS)  # one per process
