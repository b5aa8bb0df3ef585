"""A connection that keeps no thread waiting for a slow reader, and no reader of ours for ever.

To gunicorn it is a blocking socket. Beneath, it never blocks: what the network does not take at
once is kept, in memory up to a size and then in a file, and sent later by the worker's loop.
"""

import os
import select
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, NamedTuple

from studio.operations.arrivals import Pace

IN_MEMORY = 64 * 1024  # bytes of one connection, each way
IN_KERNEL = 128 * 1024  # of those, that it has not sent to a slow reader yet
ON_DISK = 256 * 1024**2  # of one answer; beyond, its thread waits after all
AT_ONCE = 1024**2  # bytes of a file in one turn of the loop


class Limits(NamedTuple):
    """How long the other side may take: seconds of silence, and bytes a second over a window."""

    silence: float
    rate: float

    def pace(self) -> Pace:
        """A fresh measure."""
        return Pace(self.rate, 2 * self.silence)


class FilePart:
    """Bytes of a file that are still to be sent; the file is ours to close."""

    def __init__(self, descriptor: int, offset: int, left: int) -> None:
        self.descriptor, self.offset, self.left = descriptor, offset, left

    def close(self) -> None:
        os.close(self.descriptor)


class PatientSocket(socket.socket):
    """A connection to a client, taken over from another socket object."""

    def __init__(self, taken: socket.socket, limits: Limits) -> None:
        super().__init__(fileno=taken.detach())
        super().settimeout(0)
        with suppress(OSError, AttributeError):  # no such option everywhere, nor in every family
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, IN_KERNEL)
        self.limits = limits
        self.longest: float | None = None  # what `settimeout` asked for
        self.gathered: IO[bytes] | None = None
        self.is_streamed = False  # whether a thread reads from the network what was not gathered
        self.is_read_beyond = False  # whether it asked for more than was gathered
        self.reading, self.sending = limits.pace(), limits.pace()
        self.parts: deque[memoryview | FilePart] = deque()
        self.spilled: FilePart | None = None

    # What gunicorn and the views call

    def setblocking(self, flag: bool) -> None:
        self.longest = None

    def settimeout(self, value: float | None) -> None:
        self.longest = value

    def gettimeout(self) -> float | None:
        return self.longest

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Bytes that were gathered; of a streamed request then those that come, else none.

        Raises TimeoutError for a slow sender.
        """
        if self.gathered is not None and (data := self.gathered.read(size)):
            return data
        if not self.is_streamed:
            self.is_read_beyond = True
            return b""
        self.drop_gathered()
        while True:
            with suppress(BlockingIOError):
                data = super().recv(size, flags)
                self.reading.moved += len(data)
                return data
            self.wait(select.POLLIN, self.reading)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Sends, or keeps for later. Raises TimeoutError for a reader too slow for what it gets."""
        view = memoryview(data).cast("B")
        self.flush()
        if not self.parts:
            with suppress(BlockingIOError):
                view = view[super().send(view) :]
        if not view:
            return
        if self.spilled or self.in_memory() + len(view) > IN_MEMORY:
            self.spill(view)
        else:
            self.parts.append(memoryview(bytes(view)))

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Has a part of a file sent, now or later; it may be closed meanwhile."""
        assert count is not None, "gunicorn tells how much"
        self.parts.append(FilePart(os.dup(file.fileno()), offset, count))
        self.spilled = None  # what follows comes after
        self.flush()
        return count

    # What the worker's loop calls

    def receive_now(self, size: int) -> bytes | None:
        """What is here, up to `size` bytes; empty when they hung up, None when nothing is here."""
        try:
            return super().recv(size)
        except BlockingIOError:
            return None

    def flush(self) -> int:
        """Sends what the network takes now; returns how many bytes. Raises OSError."""
        sent = 0
        with suppress(BlockingIOError):
            while self.parts and sent < AT_ONCE:
                sent += self.send_some(self.parts[0])
        return sent

    def is_sent(self) -> bool:
        """Whether nothing is left to send."""
        return not self.parts

    def drop_gathered(self) -> None:
        """Forgets what was gathered."""
        if self.gathered is not None:
            self.gathered.close()
            self.gathered = None

    def close(self) -> None:
        self.drop_gathered()
        while self.parts:
            part = self.parts.popleft()
            if isinstance(part, FilePart):
                part.close()
        self.spilled = None
        super().close()

    # Its own

    def in_memory(self) -> int:
        return sum(len(part) for part in self.parts if isinstance(part, memoryview))

    def send_some(self, part: memoryview | FilePart) -> int:
        """Sends some of the first part, and puts what is left back."""
        if isinstance(part, memoryview):
            count = super().send(part)
            self.parts.popleft()
            if count < len(part):
                self.parts.appendleft(part[count:])
            return count
        count = os.sendfile(self.fileno(), part.descriptor, part.offset, min(part.left, AT_ONCE))
        if not count and part.left:
            raise ConnectionAbortedError("the file is shorter than it was told to be")
        part.offset += count
        part.left -= count
        if not part.left:
            self.parts.popleft()
            part.close()
            if part is self.spilled:
                self.spilled = None
        return count

    def spill(self, view: memoryview) -> None:
        """Keeps bytes in a file; waits while it is as large as it may be."""
        while self.spilled and self.spilled.left > ON_DISK:
            self.wait(select.POLLOUT, self.sending, self.flush)
        if self.spilled is None:
            with tempfile.TemporaryFile() as file:
                self.spilled = FilePart(os.dup(file.fileno()), 0, 0)
            self.parts.append(self.spilled)
        end = self.spilled.offset + self.spilled.left
        written = 0
        while written < len(view):
            written += os.pwrite(self.spilled.descriptor, view[written:], end + written)
        self.spilled.left += len(view)

    def wait(self, event: int, pace: Pace, act: Callable[[], int] = lambda: 0) -> None:
        """Waits for the network, then acts. Raises TimeoutError when that takes too long."""
        longest = self.limits.silence if self.longest is None else self.longest
        ready = select.poll()
        ready.register(self.fileno(), event)
        began = time.monotonic()
        if not ready.poll(max(longest, 0) * 1000):
            raise TimeoutError("the connection is silent")
        if not pace.is_kept(act(), time.monotonic() - began):
            raise TimeoutError("the connection is too slow")
