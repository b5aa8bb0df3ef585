"""A mail transport for laptops that writes each mail to the log as one line."""

import logging
from collections.abc import Sequence
from email.message import Message
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

log = logging.getLogger(__name__)

LONGEST = 2000  # characters of a mail's text


class LogBackend(BaseEmailBackend):
    """Logs mails instead of sending them: `EMAIL_URL=consolemail://`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            log.info("mail %s", in_one_line(message))
        return len(email_messages)


def in_one_line(message: EmailMessage) -> str:
    """Recipients, subject and text of a mail without line breaks."""
    text = text_of(message.message())
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    said = f"to {', '.join(message.recipients())}: {message.subject}: {text}"
    return " ".join(said.split())


def text_of(message: Any) -> str:
    """The plain text of a mail without its attachments."""
    parts: list[Message] = list(message.walk())
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    found = next((part for part in plain if not part.get_filename()), None)
    content = found.get_payload(decode=True) if found else b""
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
