"""Temporary work folders, which are cleaned up if their process was killed."""

import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

PREFIX = "closing-shot-work-"
LOCK = ".held"


@contextmanager
def work_folder(what: str) -> Iterator[Path]:
    """A temporary folder with `what` in its name.

    A lock file beside it tells `sweep` that this process is alive.
    """
    outer = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{what}-"))
    handle = os.open(outer / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        inner = outer / what
        inner.mkdir()
        yield inner
    finally:
        shutil.rmtree(outer, ignore_errors=True)
        os.close(handle)


def abandoned() -> list[Path]:
    """Folders whose process is gone. Very new ones may not have their lock yet."""
    found = []
    for outer in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        try:
            is_old = time.time() - outer.stat().st_mtime > settings.JOB_LEASE_SECONDS
            if is_old and outer.stat().st_uid == os.getuid() and not is_held(outer / LOCK):
                found.append(outer)
        except OSError:
            continue  # it was removed meanwhile
    return found


def is_held(lock: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def sweep() -> list[Path]:
    """Delete the abandoned folders of this machine; returns their paths."""
    found = abandoned()
    for outer in found:
        shutil.rmtree(outer, ignore_errors=True)
    return found
