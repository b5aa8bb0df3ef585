"""Delivers what waits in the outbox: a task that may come twice, and a look each minute.

A mail is claimed for LEASE before it is tried, so that two workers do not send it both; one whose
worker died is tried again after it. A server that does not answer costs one attempt of
EMAIL_TIMEOUT, then nothing is tried for a while.
"""

import datetime as dt
import logging
import time
from email import message_from_bytes
from email.message import Message
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.core.mail.message import MIMEMixin
from django.db.models import F, Min
from django.utils.timezone import now
from django_q.tasks import async_task

from studio.mail.models import Mail
from studio.mail.outcome import MOST_ATTEMPTS, Fault, pause, verdict

log = logging.getLogger(__name__)

TASK = "studio.mail.outbox.deliver"
LEASE = dt.timedelta(minutes=5)
TURN_SECONDS = 20.0  # after which a task makes way for others
AWAY = "studio.mail.away"  # in the cache while the server is left alone
AWAY_SECONDS = 60
KEPT = dt.timedelta(days=30)


class KeptMessage(MIMEMixin, Message):  # type: ignore[misc]  # as Django's own
    """A message read back from the outbox, as Django's transports write it."""


class KeptMail(EmailMessage):
    """A mail of the outbox for a transport of Django."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail.subject, "", mail.sender, [mail.recipient])
        self.content = bytes(mail.content)

    def message(self, *args: Any, **kwargs: Any) -> Any:
        return message_from_bytes(self.content, _class=KeptMessage)


def wake_up() -> None:
    """Asks the queue to deliver; when it is away, the next look does."""
    try:
        async_task(TASK, q_options={"save": False})
    except Exception:  # of whichever broker
        log.warning("mails wait: the queue does not answer", exc_info=True)


def look() -> None:
    """Each minute: delivers what is due."""
    deliver()


def deliver() -> None:
    """Delivers what is due, for TURN_SECONDS at most; asks for another turn when more is."""
    if cache.get(AWAY):
        return
    end = time.monotonic() + TURN_SECONDS
    connection = get_connection(settings.MAIL_TRANSPORT)
    try:
        for mail_id in Mail.objects.due(now()).values_list("pk", flat=True)[:500]:
            if time.monotonic() > end:
                wake_up()
                return
            if claim(mail_id) and not try_once(connection, Mail.objects.get(pk=mail_id)):
                cache.set(AWAY, True, AWAY_SECONDS)
                return
    finally:
        connection.close()


def claim(mail_id: int) -> bool:
    """Whether this worker may try the mail now."""
    moment = now()
    due = Mail.objects.due(moment).filter(pk=mail_id)
    return bool(due.update(next_at=moment + LEASE, attempts=F("attempts") + 1))


def try_once(connection: Any, mail: Mail) -> bool:
    """Sends one claimed mail and keeps the outcome; False when the server takes none."""
    try:
        connection.send_messages([KeptMail(mail)])
    except Exception as error:  # whatever a transport raises: the next mail goes on, and it is kept
        found = verdict(error)
        keep_failure(mail, found.fault, found.words)
        return found.fault is not Fault.SERVER
    end(mail, Mail.State.SENT, "")
    return True


def keep_failure(mail: Mail, fault: Fault, words: str) -> None:
    """Keeps why a mail was not taken, and when it is tried again. The log gets no address."""
    if fault is Fault.FOR_GOOD:
        log.error("mail %s was refused and is not tried again", mail.pk)
        end(mail, Mail.State.REFUSED, words)
    elif mail.attempts >= MOST_ATTEMPTS:
        log.error("mail %s was not taken in %s attempts and is given up", mail.pk, mail.attempts)
        end(mail, Mail.State.GIVEN_UP, words)
    else:
        next_at = now() + pause(mail.attempts)
        log.warning("mail %s was not taken, attempt %s follows", mail.pk, mail.attempts + 1)
        Mail.objects.filter(pk=mail.pk).update(next_at=next_at, reason=words)


def end(mail: Mail, state: Mail.State, words: str) -> None:
    """Keeps a mail's outcome; its content goes."""
    Mail.objects.filter(pk=mail.pk).update(
        state=state, reason=words, ended_at=now(), content=b"", next_at=now()
    )


def tidy_up() -> int:
    """Each day: forgets mails whose outcome is old; returns how many."""
    return Mail.objects.filter(ended_at__lt=now() - KEPT).delete()[0]


def oldest_wait() -> float:
    """Seconds since the oldest undelivered mail was written; 0 where none waits."""
    since = Mail.objects.waiting().aggregate(at=Min("created_at"))["at"]
    return max((now() - since).total_seconds(), 0) if since else 0.0
