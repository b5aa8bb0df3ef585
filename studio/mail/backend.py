"""The mail backend of the whole studio: keeps what is to be sent, and leaves sending to the queue.

`django.core.mail`, Django's password reset and Wagtail all come through here, so that no page and
no task of another kind ever waits for a mail server. A mail is part of the transaction in which it
is written: without the act there is no mail, and with it the mail is not lost.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from studio.mail.models import Mail
from studio.mail.outbox import wake_up


class OutboxBackend(BaseEmailBackend):
    """Writes mails into the outbox, one row for each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        mails = [row for message in email_messages for row in rows_of(message)]
        Mail.objects.bulk_create(mails)
        if mails:
            transaction.on_commit(wake_up, robust=True)
        return len(email_messages)

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)


def rows_of(message: EmailMessage) -> list[Mail]:
    """A message as rows of the outbox. Its subject becomes one line, as a header has to be."""
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
