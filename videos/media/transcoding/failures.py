"""Why a job failed: a code for metrics, a message for a producer, and whether to try again.

A fault of the file fails the job at once, and trying again does not help. An unknown error fails it
at once as well, but people may try again. Everything else is tried again automatically: at once, at
the cost of an attempt, or later, when the cause (a full disk, an unreachable storage) may be gone.
"""

import errno
import re
import signal
from typing import NamedTuple

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media.errors import EncodeFailed, SourceRefused
from videos.media.transcoding.sandbox.process import Interrupted

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# How often a job waits for the end of a trouble before it fails: some two and a half hours of a
# storage that is away, and eight minutes of a full disk (see `pause`).
MAX_DEFERRALS = {"storage": 20, "disk_full": 5}
# Tried again at once, for each of MAX_ATTEMPTS
RETRIED_AT_ONCE = {"interrupted", "unexpected"}
# Trying again gives the same result: another file is needed
FILES_OWN = {"refused", "damaged"}
# A tool failed without an explanation
UNKNOWN = "unknown"
# What ffmpeg prints where its input is damaged
INPUT_AT_FAULT = re.compile(
    r"invalid data found|moov atom not found|error (while|submitting packet to) (the )?decod"
    r"|decod(e|ing) error|error during demuxing|corrupt|truncated",
    re.IGNORECASE,
)


class Failure(NamedTuple):
    """`code` for metrics, `reason` for a producer. A refusal is of the file itself."""

    code: str
    reason: str
    is_refusal: bool = False


def incomplete() -> str:
    """The message for a set in which something is missing."""
    return _("The work on the video ended early. Try again, or export the video again.")


def no_room() -> str:
    """The message for a full disk."""
    return _("There is not enough space on the studio's disk. Tell your administrator.")


def storage_away() -> str:
    """The message for a storage that does not respond."""
    return _("The studio's storage does not respond. Try again later, or tell your administrator.")


def source_gone() -> str:
    """The message for a source that is not where it was stored."""
    return _(
        "The uploaded file could not be found. "
        "Try again. If that does not help, tell your administrator."
    )


def unexplained() -> str:
    """The message for a tool that failed without an explanation."""
    return _(
        "The work on the video failed for an unknown reason. "
        "Try again. If that does not help, tell your administrator."
    )


def took_too_long() -> str:
    """The message for work that exceeded its time limit."""
    return _(
        "The work on the video took too long. Try again, or export a smaller or shorter video."
    )


def stalled(seconds: int) -> str:
    """The message for work that made no progress for so long that it was stopped."""
    return ngettext(
        "The work on the video made no progress for %(seconds)d second. Try again.",
        "The work on the video made no progress for %(seconds)d seconds. Try again.",
        seconds,
    ) % {"seconds": seconds}


def interrupted() -> str:
    """The message for work that was stopped from outside."""
    return _("The work on the video was interrupted. Try again.")


def attempts_exhausted(times: int) -> str:
    """The message for a job whose workers died in every attempt."""
    return ngettext(
        "The studio tried %(times)d time and was interrupted. "
        "Try again. If that does not help, tell your administrator.",
        "The studio tried %(times)d times and was interrupted each time. "
        "Try again. If that does not help, tell your administrator.",
        times,
    ) % {"times": times}


def kind_of(code: int | None, said: str) -> str:
    """The failure code for a tool's exit code (a signal if negative, None on timeout) and output.

    A file counts as *damaged* only where the tool says so of its input.
    """
    if "No space left" in said or code == -signal.SIGXFSZ:
        return "disk_full"
    if "Cannot allocate memory" in said:
        return "memory"
    if code is None or code == -signal.SIGXCPU:
        return "timeout"
    if code in (-signal.SIGKILL, -signal.SIGTERM):  # by the system, or by a person
        return "interrupted"
    return "damaged" if code > 0 and INPUT_AT_FAULT.search(said) else UNKNOWN


def failure_of(error: Exception) -> Failure:
    """The failure that an exception of a job means."""
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


def pause(deferrals: int, unit: float) -> float:
    """Seconds until the next try doubled, up to forty units.

    With a `unit` of 15 s: 15, 30, 60 s … 10 minutes.
    """
    return unit * float(min(2**deferrals, 40))


def is_over(failure: Failure, *, attempts: int, deferrals: int, most_attempts: int) -> bool:
    """Whether the job fails now, after so many attempts and deferrals, or is tried again."""
    if failure.code in MAX_DEFERRALS:
        return deferrals >= MAX_DEFERRALS[failure.code]
    if failure.code in RETRIED_AT_ONCE:
        return attempts >= most_attempts
    return True
