"""A worker that is told to stop (a deploy) lets go of its job at once, whatever it is doing.

The queue's worker processes hear SIGTERM from whoever stops their cluster. One that works gets
`Stopped` in the middle of it; one that is idle only makes a note, for a worker that dies while it
reads the queue leaves the queue locked.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopped(BaseException):
    """We are told to stop: not an error, and caught by nobody but the task."""


class Stopping:
    """What this process knows of its end."""

    asked = False
    working = False


def note(number: int, frame: FrameType | None) -> None:
    """The signal's handler: raises Stopped once, in the middle of interruptible work."""
    Stopping.asked = True
    if Stopping.working:
        Stopping.working = False
        raise Stopped


def listen(**kwargs: Any) -> None:
    """In a worker of the queue: hear SIGTERM. Called by django-q2 as the process begins."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, note)


@contextmanager
def interruptible() -> Iterator[None]:
    """A block in which being told to stop raises Stopped."""
    if Stopping.asked:
        raise Stopped
    Stopping.working = True
    try:
        yield
    finally:
        Stopping.working = False
