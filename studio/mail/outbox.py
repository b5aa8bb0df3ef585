"""Delivers the mails of the outbox: a task, and a schedule that repeats it each minute.

A worker claims a mail for LEASE before it sends it, so that no two workers send the same one; if
that worker dies, the mail is tried again afterwards. When the mail server does not respond within
EMAIL_TIMEOUT, nothing is tried for a while.
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
TURN_SECONDS = 20.0  # after which a task ends to let others run
AWAY = "studio.mail.away"  # cache key, set while the mail server is not tried
AWAY_SECONDS = 60
KEPT = dt.timedelta(days=30)


class KeptMessage(MIMEMixin, Message):  # type: ignore[misc]  # as Django's own
    """A message from the outbox that Django's transports can write."""


class KeptMail(EmailMessage):
    """A mail from the outbox as Django's transports expect it."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail.subject, "", mail.sender, [mail.recipient])
        self.content = bytes(mail.content)

    def message(self, *args: Any, **kwargs: Any) -> Any:
        return message_from_bytes(self.content, _class=KeptMessage)


def wake_up() -> None:
    """Queue the delivery task. If the queue is down, the schedule delivers within a minute."""
    try:
        async_task(TASK, q_options={"save": False})
    except Exception:  # whichever the broker raises
        log.warning("mails wait: the queue does not answer", exc_info=True)


def look() -> None:
    """Deliver due mails; run each minute by a schedule."""
    deliver()


def deliver() -> None:
    """Deliver due mails for at most TURN_SECONDS; queue another task if some are left."""
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
    """Claim a mail; returns whether this worker may send it."""
    moment = now()
    due = Mail.objects.due(moment).filter(pk=mail_id)
    return bool(due.update(next_at=moment + LEASE, attempts=F("attempts") + 1))


def try_once(connection: Any, mail: Mail) -> bool:
    """Send one claimed mail and store the outcome; False if the server accepts no mail."""
    try:
        connection.send_messages([KeptMail(mail)])
    except (
        Exception
    ) as error:  # transports raise all kinds of errors; the mail is kept, the next is tried
        found = verdict(error)
        if found.fault is Fault.SERVER:  # the message is about the server, not about the recipient
            log.warning("the mail server takes no mails: %s", found.words)
        keep_failure(mail, found.fault, found.words)
        return found.fault is not Fault.SERVER
    end(mail, Mail.State.SENT, "")
    return True


def keep_failure(mail: Mail, fault: Fault, words: str) -> None:
    """Store why a mail was not accepted and when to try again. No address is logged."""
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
    """Store a mail's outcome and empty its content."""
    Mail.objects.filter(pk=mail.pk).update(
        state=state, reason=words, ended_at=now(), content=b"", next_at=now()
    )


def tidy_up() -> int:
    """Delete mails with an old outcome, each day; returns how many."""
    return Mail.objects.filter(ended_at__lt=now() - KEPT).delete()[0]


def oldest_wait() -> float:
    """Age in seconds of the oldest waiting mail; 0 if none waits."""
    since = Mail.objects.waiting().aggregate(at=Min("created_at"))["at"]
    return max((now() - since).total_seconds(), 0) if since else 0.0
