"""What a mail server's error means and when to try again. Pure functions."""

import datetime as dt
import smtplib
from enum import Enum, auto
from typing import NamedTuple

FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=1)
MOST_ATTEMPTS = 80  # in all three days and a few hours


class Fault(Enum):
    """Why a mail was not accepted."""

    SERVER = (
        auto()
    )  # the server is down or accepts no mail from us: no other mail would be accepted either
    FOR_NOW = auto()  # this mail, for now
    FOR_GOOD = auto()  # this mail, for good


class Verdict(NamedTuple):
    """A fault and the server's message."""

    fault: Fault
    words: str


def verdict(error: Exception) -> Verdict:
    """Classify an error of sending a mail to one recipient (RFC 5321, section 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (550, b""))
        return Verdict(permanent(code), words_of(code, said))
    if isinstance(error, smtplib.SMTPDataError):
        return Verdict(permanent(error.smtp_code), words_of(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):  # greeting, sign-in, sender
        return Verdict(Fault.SERVER, words_of(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Verdict(Fault.FOR_GOOD, str(error))
    if isinstance(error, OSError):  # every other SMTPException is an OSError, too
        return Verdict(Fault.SERVER, str(error) or type(error).__name__)
    return Verdict(Fault.FOR_NOW, repr(error))


def permanent(code: int) -> Fault:
    """Whether a reply is permanent (5xx)."""
    return Fault.FOR_GOOD if code >= 500 else Fault.FOR_NOW


def words_of(code: int, said: bytes | str) -> str:
    """The server's reply on one line."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}".strip()


def pause(attempts: int) -> dt.timedelta:
    """How long to wait after failed attempt number `attempts`; doubles each time."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
