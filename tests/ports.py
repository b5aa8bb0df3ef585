"""Ports for the servers that tests start."""

import fcntl
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

# Below those that Linux takes for the near end of connections (net.ipv4.ip_local_port_range).
PORTS = range(20_000, 32_000)
_held: list[IO[bytes]] = []


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, and that no other process gets from here while this one lives.

    A server binds its port a while after it was chosen. Tests run side by side, so a port that is
    merely free now may be another server's by then, which answers in the place of the expected one.
    """
    order = random.SystemRandom().sample(PORTS, len(PORTS))
    ports: list[int] = []
    for port in order:
        if len(ports) == count:
            return ports
        if held(port):
            ports.append(port)
    raise OSError(f"There are no {count} free ports from {PORTS.start} to {PORTS.stop}.")


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]


def held(port: int) -> bool:
    """Holds a port for this process; returns False if another has it or something listens on it."""
    folder = Path(tempfile.gettempdir()) / "closing-shot-test-ports"
    folder.mkdir(exist_ok=True)
    lock = (folder / str(port)).open("wb")
    with suppress(OSError), socket.socket() as listener:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        listener.bind(("127.0.0.1", port))
        _held.append(lock)
        return True
    lock.close()
    return False
