"""What went wrong with a job: a short code for metrics, a sentence for a producer, what follows.

A file's own fault ends the job at once, and for good; so does what nobody knows the cause of, but
people may have it tried again. What is nobody's fault is tried again: at once, at the
cost of an attempt, or later, when the trouble (a full disk, a storage that is away) may be over.
"""

import errno
import re
import signal
from typing import NamedTuple

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media.confine import Interrupted
from videos.media.errors import EncodeFailed, SourceRefused

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# How often a job waits for the end of a trouble before it fails: some two and a half hours of a
# storage that is away, and eight minutes of a full disk (see `pause`).
WAITS = {"storage": 20, "disk_full": 5}
# Tried again at once, for each of MAX_ATTEMPTS
AGAIN = {"interrupted", "unexpected"}
# Whoever tries these again gets the same: another file is needed
FILES_OWN = {"refused", "damaged"}
# A tool ended badly, and did not say why
UNKNOWN = "unknown"
# What ffmpeg says where its input is at fault: as it reads the container, or as it decodes
INPUT_AT_FAULT = re.compile(
    r"invalid data found|moov atom not found|error (while|submitting packet to) (the )?decod"
    r"|decod(e|ing) error|error during demuxing|corrupt|truncated",
    re.IGNORECASE,
)


class Failure(NamedTuple):
    """`code` for metrics, `reason` for a producer. A refusal says that the file is no cut."""

    code: str
    reason: str
    is_refusal: bool = False


def no_room() -> str:
    """The sentence for a full disk."""
    return _("There is not enough room on the studio's disk. Tell its keeper.")


def storage_away() -> str:
    """The sentence for a storage that does not answer."""
    return _("The studio's storage does not answer. Try again later, or tell the studio's keeper.")


def source_gone() -> str:
    """The sentence for a source that is not where it was put."""
    return _(
        "The uploaded file could not be found just now. "
        "Try again; if it stays so, tell the studio's keeper."
    )


def unexplained() -> str:
    """The sentence for a tool that ended badly and said nothing of the file."""
    return _(
        "The work on the video ended, and it is not known why. "
        "Try again; if it stays so, tell the studio's keeper."
    )


def too_long() -> str:
    """The sentence for work that took more time than it may."""
    return _("It took too long: try again, or export the video smaller or shorter.")


def interrupted() -> str:
    """The sentence for work that something from outside ended."""
    return _("The work on the video was interrupted: try again.")


def worn_out(times: int) -> str:
    """The sentence for a job whose workers died one after the other."""
    return ngettext(
        "The studio tried %(times)d time and was interrupted. "
        "Try again; if it stays so, tell the studio's keeper.",
        "The studio tried %(times)d times and was interrupted each time. "
        "Try again; if it stays so, tell the studio's keeper.",
        times,
    ) % {"times": times}


def kind_of(code: int | None, said: str) -> str:
    """The code for a tool that ended with `code` (a signal, if negative) and said so much.

    None is a tool that did not end. A file is *damaged* only where the tool says so of its input.
    """
    if "No space left" in said or code == -signal.SIGXFSZ:
        return "disk_full"
    if "Cannot allocate memory" in said:
        return "memory"
    if code is None or code == -signal.SIGXCPU:
        return "timeout"
    if code in (-signal.SIGKILL, -signal.SIGTERM):  # not by us: by the system, or a person
        return "interrupted"
    return "damaged" if code > 0 and INPUT_AT_FAULT.search(said) else UNKNOWN


def failure_of(error: Exception) -> Failure:
    """What an error of a job's work is to be called."""
    if isinstance(error, SourceRefused):
        return Failure(error.code or "refused", str(error), is_refusal=True)
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
