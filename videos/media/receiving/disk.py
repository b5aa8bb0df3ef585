"""Uploads that arrive on this machine's disk: appended under a lock, and told when on the disk.

The row's `received` is the truth. What lies in the file beyond it was never confirmed, and is cut
off before the next byte is written.
"""

import fcntl
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.timezone import now

from videos.media.models import Upload, footage
from videos.media.receiving import writeback
from videos.media.receiving.sums import Sum, sums
from videos.media.sets import local

log = logging.getLogger(__name__)

LEAST_READ, MOST_READ = 64 * 1024, 1024**2
SLOW = 0.1  # seconds that a read may take before the next one is a smaller one
FLUSH = 8 * 1024**2
CONFIRM = 64 * 1024**2
AHEAD = 8  # pieces read that wait for their checksum
Read = Callable[[int], bytes]


class Locked(Exception):
    """Another request writes to this upload."""


class Gone(Exception):
    """The upload takes nothing any more."""


class OffsetDiffers(Exception):
    """The bytes offered do not follow those that are there."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


class Disk:
    """A file in the footage storage for each upload."""

    def begin(self, upload: Upload) -> None:
        path = path_of(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o644, exist_ok=True)
        sync_folder(path.parent)

    def arrived(self, upload: Upload) -> int:
        return upload.received

    def discard(self, upload: Upload) -> None:
        # A studio that moved to a bucket meanwhile has left the bytes behind: the upload ends, too.
        if path := local(footage(), upload.path):
            path.unlink(missing_ok=True)
        sums.forget(upload.pk)


def path_of(upload: Upload) -> Path:
    """Where the upload's bytes lie."""
    path = local(footage(), upload.path)
    assert path, "an upload to the disk, and the footage lies elsewhere"
    return path


def sync(path: Path) -> None:
    """Have the disk hold a file, and its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk know which files are in a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """The open file, while nobody else has it. Raises Locked, Gone."""
    try:
        handle = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        raise Gone from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked from None
        yield handle
    finally:
        os.close(handle)


def append(upload: Upload, offset: int, length: int, read: Read) -> int:
    """Write up to `length` bytes at `offset`; returns how many of the upload are there then.

    What arrives is kept, also when `read` raises in the middle. Raises Locked, Gone,
    OffsetDiffers; the caller has looked that `length` fits.
    """
    with locked(path_of(upload)) as handle:
        received = confirmed(upload)
        if received != offset:
            raise OffsetDiffers(received)
        os.ftruncate(handle, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        writing = Writing(upload, handle, offset)
        try:
            writing.take(read, length)
        finally:
            writing.end()
        return writing.position


def confirmed(upload: Upload) -> int:
    """The bytes on record, asked under the lock. Raises Gone."""
    row = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING)
    received = row.values_list("received", flat=True).first()
    if received is None:
        raise Gone
    return received


class Writing:
    """One stretch of an upload on its way to the disk.

    A thread beside the reader takes the checksum and has the disk begin to write: both take as
    long as the network does, and none of them waits for the others.
    """

    def __init__(self, upload: Upload, handle: int, offset: int) -> None:
        self.upload = upload
        self.handle = handle
        self.position = self.told = offset
        self.sum: Sum | None = sums.take(upload.pk, offset)
        self.pieces: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self.beside = threading.Thread(target=self.sum_and_flush, args=[offset], daemon=True)
        self.beside.start()

    def take(self, read: Read, length: int) -> None:
        """Reads `length` bytes, or fewer where the stream ends."""
        size = LEAST_READ
        while length:
            begun = time.monotonic()
            piece = read(min(size, length))
            if not piece:
                return
            self.write(piece)
            length -= len(piece)
            if self.position - self.told >= CONFIRM:
                os.fdatasync(self.handle)
                self.confirm(self.position)
            # A line that breaks loses what was read of a piece: on a slow one pieces are small.
            slow = time.monotonic() - begun > SLOW
            size = max(LEAST_READ, size // 2) if slow else min(MOST_READ, size * 2)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self.handle, view) :]
        self.position += len(piece)
        self.pieces.put(piece)

    def sum_and_flush(self, position: int) -> None:
        """Runs beside."""
        flushed = position
        while (piece := self.pieces.get()) is not None:
            if self.sum:
                self.sum.update(piece)
            position += len(piece)
            if position - flushed >= FLUSH:
                writeback.begin(self.handle, flushed, position - flushed)
                flushed = position

    def end(self) -> None:
        """Whatever came is on the disk, and on record."""
        self.pieces.put(None)
        self.beside.join()
        os.fsync(self.handle)
        digest = ""
        if self.sum:
            complete = self.position == self.upload.bytes
            digest = self.sum.hexdigest() if complete else ""
            sums.keep(self.upload.pk, self.sum, self.position)
        self.confirm(self.position, **({"sha256": digest} if digest else {}))

    def confirm(self, position: int, **more: Any) -> None:
        row = Upload.objects.filter(pk=self.upload.pk, state=Upload.State.RECEIVING)
        row.update(received=position, moved_at=now(), **more)
        self.told = position
