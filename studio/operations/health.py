"""Is the studio alive, and is it ready: what machines that look after it ask."""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.status import Stat

KEPT_SECONDS = 5.0  # less than the time between two questions of a monitor
logger = logging.getLogger(__name__)


class NotReady(Exception):
    """A part of the studio does not work; the message may be shown to anyone."""


class Finding(NamedTuple):
    """What a look at one part of the studio found."""

    ok: bool
    words: str


def database() -> str:
    """Asks the database something small."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return _("The database answers.")


def queue() -> str:
    """Pings the broker and looks for a worker's heartbeat. Raises NotReady when none beats."""
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


def storage() -> str:
    """Writes, reads and deletes a file where the footage lies. Raises NotReady when it differs."""
    footage = storages["footage"]
    sent = uuid4().hex.encode()
    name = footage.save(f"probes/{uuid4()}", ContentFile(sent))
    try:
        with footage.open(name) as file:
            got = file.read()
    finally:
        footage.delete(name)
    if got != sent:
        raise NotReady(_("The storage does not give back what it was given."))
    return _("The storage keeps what it is given.")


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "queue": queue,
    "storage": storage,
}


def look(name: str, check: Callable[[], str]) -> Finding:
    """Runs one check. The reason of a failure goes to the log, never to whoever asked."""
    try:
        return Finding(True, check())
    except NotReady as failure:
        logger.warning("Not ready: %s: %s", name, failure)
        return Finding(False, str(failure))
    except Exception:  # whatever breaks, the other checks go on, and the log has it
        logger.exception("Not ready: %s", name)
        return Finding(False, _("It does not work. The log says more."))


def look_at_everything() -> dict[str, Finding]:
    """Every part of the studio by name, with what was found."""
    return {name: look(name, check) for name, check in CHECKS.items()}


class Glance:
    """What a look found, kept for some seconds: anybody may ask, and each look writes a file.

    Who asks while another looks waits for that look. Its words are in the language of who had it.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.lock = Lock()
        self.found: dict[str, Finding] | None = None
        self.until = 0.0

    def __call__(self) -> dict[str, Finding]:
        """What was found, at most so many seconds ago."""
        with self.lock:
            if self.found is None or self.clock() >= self.until:
                self.found = look_at_everything()
                self.until = self.clock() + self.seconds
            return self.found

    def forget(self) -> None:
        """The next look is a fresh one."""
        with self.lock:
            self.found = None


glance = Glance(KEPT_SECONDS)  # of this process
