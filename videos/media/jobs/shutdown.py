"""Graceful shutdown: on SIGTERM (a deployment) a worker requeues its job immediately.

While a job runs, the signal raises `Stopped`. An idle worker only remembers it, because a worker
that dies while reading the queue leaves the queue locked.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stopped(BaseException):
    """The worker is shutting down. Not an error; only the task catches it."""


class Stopping:
    """The shutdown state of this process."""

    asked = False
    working = False


def note(number: int, frame: FrameType | None) -> None:
    """The signal handler. Raises Stopped once, inside `interruptible`."""
    Stopping.asked = True
    if Stopping.working:
        Stopping.working = False
        raise Stopped


def listen(**kwargs: Any) -> None:
    """Handle SIGTERM in a worker process. django-q2 calls it when the process starts."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, note)


@contextmanager
def interruptible() -> Iterator[None]:
    """A block in which SIGTERM raises Stopped."""
    if Stopping.asked:
        raise Stopped
    Stopping.working = True
    try:
        yield
    finally:
        Stopping.working = False
