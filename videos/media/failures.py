"""What went wrong with a job: a short code for metrics, a sentence for a producer, what follows.

A file's own fault ends the job at once. What is nobody's fault is tried again: at once, at the
cost of an attempt, or later, when the trouble (a full disk, a storage that is away) may be over.
"""

import errno
import signal
from typing import NamedTuple

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext as _

from videos.media.confine import Interrupted
from videos.media.errors import EncodeFailed, SourceRefused

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# How often a job waits for the end of a trouble before it fails: some two and a half hours of a
# storage that is away, and eight minutes of a full disk (see `pause`).
WAITS = {"storage": 20, "disk_full": 5}
# Tried again at once, for each of MAX_ATTEMPTS
AGAIN = {"interrupted", "unexpected"}


class Failure(NamedTuple):
    """`code` for metrics, `reason` for a producer."""

    code: str
    reason: str


def no_room() -> str:
    """The sentence for a full disk."""
    return _("There is not enough room on the studio's disk. Tell its keeper.")


def storage_away() -> str:
    """The sentence for a storage that does not answer."""
    return _("The studio's storage does not answer. Try again later, or tell the studio's keeper.")


def source_gone() -> str:
    """The sentence for a source that is not where it was put."""
    return _("The uploaded file is not in the studio's storage any more: upload it again.")


def interrupted() -> str:
    """The sentence for work that something from outside ended."""
    return _("The work on the video was interrupted: try again.")


def worn_out(times: int) -> str:
    """The sentence for a job whose workers died one after the other."""
    return _(
        "The studio tried %(times)d times and was interrupted each time. "
        "Try again; if it stays so, tell the studio's keeper."
    ) % {"times": times}


def kind_of(code: int | None, said: str) -> str:
    """The code for a tool that ended with `code` (a signal, if negative) and said so much.

    None is a tool that did not end.
    """
    if "No space left" in said or code == -signal.SIGXFSZ:
        return "disk_full"
    if "Cannot allocate memory" in said:
        return "memory"
    if code is None or code == -signal.SIGXCPU:
        return "timeout"
    if code in (-signal.SIGKILL, -signal.SIGTERM):  # not by us: by the system, or a person
        return "interrupted"
    return "damaged"


def failure_of(error: Exception) -> Failure:
    """What an error of a job's work is to be called."""
    if isinstance(error, SourceRefused):
        return Failure(error.code or "refused", str(error))
    if isinstance(error, EncodeFailed):
        return Failure(error.code, str(error))
    if isinstance(error, Interrupted):
        return Failure("interrupted", interrupted())
    if isinstance(error, BotoCoreError | ClientError | Boto3Error | ConnectionError):
        return Failure("storage", storage_away())
    if isinstance(error, FileNotFoundError):
        return Failure("source_gone", source_gone())
    if isinstance(error, OSError) and error.errno in FULL:
        return Failure("disk_full", no_room())
    return Failure("unexpected", "")


def pause(waits: int, unit: float) -> float:
    """Seconds until the next try after `waits` waits: twice as long each time, up to forty units.

    With a `unit` of 15 s: 15, 30, 60 s … 10 minutes.
    """
    return unit * float(min(2**waits, 40))


def is_over(failure: Failure, *, attempts: int, waits: int, most_attempts: int) -> bool:
    """Whether the job fails now, after so many attempts and waits, or is tried again."""
    if failure.code in WAITS:
        return waits >= WAITS[failure.code]
    if failure.code in AGAIN:
        return attempts >= most_attempts
    return True
