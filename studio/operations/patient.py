"""A socket that keeps no thread waiting for a slow client, nor a slow client for ever.

To gunicorn it looks like a blocking socket. Underneath it never blocks: what the network does not
accept at once is kept, in memory up to a limit and then in a file, and sent later by the worker's
event loop.
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

IN_MEMORY = 64 * 1024  # bytes buffered per connection and direction
IN_KERNEL = 128 * 1024  # of those, bytes not yet sent to a slow client
ON_DISK = 256 * 1024**2  # of one response; beyond, its thread waits
AT_ONCE = 1024**2  # bytes of a file per turn of the loop


class Limits(NamedTuple):
    """How slow a client may be: seconds of silence, and bytes per second over a window."""

    silence: float
    rate: float

    def pace(self) -> Pace:
        """Return a new measurement."""
        return Pace(self.rate, 2 * self.silence)


class FilePart:
    """Part of a file still to be sent; this object closes the file."""

    def __init__(self, descriptor: int, offset: int, left: int) -> None:
        self.descriptor, self.offset, self.left = descriptor, offset, left

    def close(self) -> None:
        os.close(self.descriptor)


class PatientSocket(socket.socket):
    """A client connection, taken over from another socket object."""

    def __init__(self, taken: socket.socket, limits: Limits) -> None:
        super().__init__(fileno=taken.detach())
        super().settimeout(0)
        with suppress(
            OSError, AttributeError
        ):  # not available on every platform and address family
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, IN_KERNEL)
        self.limits = limits
        self.longest: float | None = None  # as set by `settimeout`
        self.gathered: IO[bytes] | None = None
        self.is_streamed = False  # whether the thread reads unbuffered bytes from the network
        self.is_read_beyond = False  # whether it asked for more than was buffered
        self.reading, self.sending = limits.pace(), limits.pace()
        self.parts: deque[memoryview | FilePart] = deque()
        self.spilled: FilePart | None = None

    # Called by gunicorn and the views

    def setblocking(self, flag: bool) -> None:
        self.longest = None

    def settimeout(self, value: float | None) -> None:
        self.longest = value

    def gettimeout(self) -> float | None:
        return self.longest

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return buffered bytes; for a streamed request then bytes from the network, else none.

        Raises TimeoutError if the client sends too slowly.
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
        """Send, or buffer for later. Raises TimeoutError if the client reads too slowly."""
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
        """Send part of a file, now or later; the caller may close the file."""
        assert count is not None, "gunicorn tells how much"
        self.parts.append(FilePart(os.dup(file.fileno()), offset, count))
        self.spilled = None  # what is sent next comes after it
        self.flush()
        return count

    # Called by the worker's event loop

    def receive_now(self, size: int) -> bytes | None:
        """Read up to `size` bytes; empty if the client closed, None if nothing has arrived."""
        try:
            return super().recv(size)
        except BlockingIOError:
            return None

    def flush(self) -> int:
        """Send what the network accepts now; returns the number of bytes. Raises OSError."""
        sent = 0
        with suppress(BlockingIOError):
            while self.parts and sent < AT_ONCE:
                sent += self.send_some(self.parts[0])
        return sent

    def is_sent(self) -> bool:
        """Whether everything has been sent."""
        return not self.parts

    def drop_gathered(self) -> None:
        """Discard the buffered input."""
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

    # Internal

    def in_memory(self) -> int:
        return sum(len(part) for part in self.parts if isinstance(part, memoryview))

    def send_some(self, part: memoryview | FilePart) -> int:
        """Send some of the first part and put the rest back."""
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
        """Buffer bytes in a file; wait while it is at its size limit."""
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
        """Wait for the network, then call `act`. Raises TimeoutError if that takes too long."""
        longest = self.limits.silence if self.longest is None else self.longest
        ready = select.poll()
        ready.register(self.fileno(), event)
        began = time.monotonic()
        if not ready.poll(max(longest, 0) * 1000):
            raise TimeoutError("the connection is silent")
        if not pace.is_kept(act(), time.monotonic() - began):
            raise TimeoutError("the connection is too slow")
