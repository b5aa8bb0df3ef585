"""A switch in front of a server, by which the server is away for some and untouched for others."""

import selectors
import socket
import threading
from contextlib import suppress


class Switch:
    """Forwards connections to an address; `off` ends them all and takes no new ones."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.is_on = True
        self.pairs: set[tuple[socket.socket, socket.socket]] = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                near, _address = self.listener.accept()
            except OSError:
                return
            if not self.is_on:
                near.close()
                continue
            try:
                far = socket.create_connection(self.target, timeout=10)
            except OSError:
                near.close()
                continue
            threading.Thread(target=self.forward, args=(near, far), daemon=True).start()

    def forward(self, near: socket.socket, far: socket.socket) -> None:
        self.pairs.add((near, far))
        with suppress(OSError, ValueError), selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _events in ready.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        raise OSError("one side is done")
                    key.data.sendall(data)
        self.end(near, far)

    def end(self, near: socket.socket, far: socket.socket) -> None:
        self.pairs.discard((near, far))
        for side in (near, far):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def off(self) -> None:
        self.is_on = False
        for pair in list(self.pairs):
            self.end(*pair)

    def on(self) -> None:
        self.is_on = True

    def close(self) -> None:
        self.off()
        self.listener.close()
