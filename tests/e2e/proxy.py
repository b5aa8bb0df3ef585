"""A line between the browser and a server that can be slow, and can be cut."""

import selectors
import socket
import threading
import time
from contextlib import suppress

PIECE = 64 * 1024


class Proxy:
    """Passes TCP on to a port of this machine.

    `slow_to` bytes per second go to the server, once it is set; `cut()` breaks what is open, and
    while `is_cut` nobody gets through.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.slow_to: int | None = None
        self.is_cut = False
        self.passed = 0  # bytes on their way to the server
        self.pairs: set[tuple[socket.socket, socket.socket]] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def accept(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return  # closed
            if self.is_cut:
                near.close()
                continue
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            near.close()
            return
        pair = (near, far)
        self.pairs.add(pair)
        other = {near: far, far: near}
        with selectors.DefaultSelector() as ready:
            for one in pair:
                ready.register(one, selectors.EVENT_READ)
            with suppress(OSError, ValueError):
                while all(self.passes(key.fileobj, other) for key, _events in ready.select(1)):
                    if pair not in self.pairs:
                        break
        self.pairs.discard(pair)
        for one in pair:
            one.close()

    def passes(self, one: socket.socket, other: dict[socket.socket, socket.socket]) -> bool:
        """Passes on what one side says; False when it has nothing more to say."""
        piece = one.recv(PIECE if self.slow_to is None else 8 * 1024)
        if not piece:
            return False
        target = other[one]
        target.sendall(piece)
        if target.getpeername()[1] == self.target:
            self.passed += len(piece)
            if self.slow_to:
                time.sleep(len(piece) / self.slow_to)
        return True

    def cut(self) -> None:
        """Breaks every connection in the middle; no new one gets through until `mend`."""
        self.is_cut = True
        for near, far in list(self.pairs):
            for one in (near, far):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
