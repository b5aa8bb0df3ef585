"""The studio's mail backend: stores mails in the outbox, from which a task sends them.

All mails of `django.core.mail`, Django's password reset and Wagtail use it, so that no page waits
for a mail server. A mail belongs to the transaction in which it is written: it is stored if that
transaction commits, and only then.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from studio.mail.models import Mail
from studio.mail.outbox import wake_up


class OutboxBackend(BaseEmailBackend):
    """Stores mails in the outbox, one row per recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        mails = [row for message in email_messages for row in rows_of(message)]
        Mail.objects.bulk_create(mails)
        if mails:
            transaction.on_commit(wake_up, robust=True)
        return len(email_messages)

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)


def rows_of(message: EmailMessage) -> list[Mail]:
    """Return a message as rows of the outbox, its subject on one line as in a header."""
    message.subject = " ".join(str(message.subject).split())
    content = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's
    return [
        Mail(
            sender=message.from_email,
            recipient=recipient,
            subject=message.subject[:500],
            content=content,
        )
        for recipient in dict.fromkeys(message.recipients())
    ]
