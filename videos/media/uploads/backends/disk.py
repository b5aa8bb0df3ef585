"""The disk backend: appends to a file under a lock, and confirms bytes after an fsync.

`Upload.received` is authoritative. Bytes in the file beyond it were never confirmed, and are cut
off before the next write.
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
from videos.media.storage.files import local
from videos.media.uploads.backends import writeback
from videos.media.uploads.backends.checksums import Sum, sums

log = logging.getLogger(__name__)

LEAST_READ, MOST_READ = 64 * 1024, 1024**2
SLOW = 0.1  # seconds; after a slower read, the next one is smaller
FLUSH = 8 * 1024**2
CONFIRM = 64 * 1024**2
AHEAD = 8  # blocks read that may wait for the checksum thread
Read = Callable[[int], bytes]


class Locked(Exception):
    """Another request is writing to this upload."""


class Gone(Exception):
    """The upload has ended."""


class OffsetDiffers(Exception):
    """The request does not start at the end of the confirmed bytes."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


class DiskBackend:
    """Stores each upload as a file of the footage storage."""

    def begin(self, upload: Upload) -> None:
        path = path_of(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o644, exist_ok=True)
        sync_folder(path.parent)

    def arrived(self, upload: Upload) -> int:
        return upload.received

    def discard(self, upload: Upload) -> None:
        # After a change from disk to S3, the file is out of reach
        if path := local(footage(), upload.path):
            path.unlink(missing_ok=True)
        sums.forget(upload.pk)


def path_of(upload: Upload) -> Path:
    """The path of the upload's file."""
    path = local(footage(), upload.path)
    assert path, "an upload to disk, but the footage storage is not on disk"
    return path


def sync(path: Path) -> None:
    """Flush a file and its directory entry to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Open a file for writing with an exclusive lock. Raises Locked, Gone."""
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
    """Write up to `length` bytes at `offset`; returns the total number of confirmed bytes.

    Bytes that arrived are kept if `read` raises. Raises Locked, Gone, OffsetDiffers. The caller
    checks that `length` does not exceed the size of the upload.
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
    """The confirmed bytes, read under the lock. Raises Gone."""
    row = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING)
    received = row.values_list("received", flat=True).first()
    if received is None:
        raise Gone
    return received


class Writing:
    """Writes the body of one request.

    A second thread computes the checksum and starts the write-back, so that network, checksum and
    disk work in parallel.
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
        """Read and write `length` bytes, or fewer if the stream ends."""
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
            # An interrupted read loses its block, so blocks are small on slow connections
            slow = time.monotonic() - begun > SLOW
            size = max(LEAST_READ, size // 2) if slow else min(MOST_READ, size * 2)

    def write(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            view = view[os.write(self.handle, view) :]
        self.position += len(piece)
        self.pieces.put(piece)

    def sum_and_flush(self, position: int) -> None:
        """Hash and write back the blocks. Runs in the second thread."""
        flushed = position
        while (piece := self.pieces.get()) is not None:
            if self.sum:
                self.sum.update(piece)
            position += len(piece)
            if position - flushed >= FLUSH:
                writeback.begin(self.handle, flushed, position - flushed)
                flushed = position

    def end(self) -> None:
        """Flush and confirm everything that was written."""
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
        row.update(received=position, last_activity_at=now(), **more)
        self.told = position
