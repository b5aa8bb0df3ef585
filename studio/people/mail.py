"""The one way in which a room sends a mail.

The text is made in the language of who gets it. The mail joins the caller's transaction: the outbox
(`studio.mail`) keeps it there and delivers it later, so that a mail server that is down stops
nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

from studio.people.language import in_language_of
from studio.people.models import User


class Message(NamedTuple):
    """What a mail says."""

    subject: str
    text: str


def mail_user(user: User, message: Callable[[], Message]) -> None:
    """Mails a user a message, which is made in their language."""
    with in_language_of(user):
        mail_address(user.email, message())


def mail_in_studio_language(address: str, message: Callable[[], Message]) -> None:
    """Mails an address without an account a message, which is made in LANGUAGE_CODE."""
    with translation.override(settings.LANGUAGE_CODE):
        mail_address(address, message())


def mail_address(address: str, message: Message) -> None:
    """Mails a message as it is. The subject is put on one line, as mail demands.

    Raises OSError when EMAIL_BACKEND is another than the outbox, and its server does not answer.
    """
    send_mail(" ".join(message.subject.split()), message.text, None, [address])


def rendered_message(subject: str, text: str, context: Mapping[str, Any]) -> Message:
    """A message by two templates, in the active language."""
    words = dict(context)
    return Message(render_to_string(subject, words), render_to_string(text, words))
