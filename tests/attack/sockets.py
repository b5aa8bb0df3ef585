"""Sockets that hold on to a studio, and whether an honest visitor still gets pages meanwhile.

`run` opens at most MOST sockets to an address of this machine, for at most LONGEST seconds, and
closes them all. By hand: `python -m tests.attack.sockets http://127.0.0.1:8000 --sockets 60`.
"""

import argparse
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

MOST, LONGEST = 1000, 120.0
IN_TIME = 2.0  # seconds in which an honest visitor wants their page
LOOPBACK = {"127.0.0.1", "localhost", "::1"}

# What each kind says at once, and what it says again each second; a name is the path it asks for.
HEAD = "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: slow\r\n"
KINDS: dict[str, tuple[str, bytes]] = {
    "idle": ("", b""),
    "slow headers": ("GET / HT", b"T"),
    "slow bodies": (
        HEAD.format(method="POST", path="{path}", host="{host}")
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\na=",
        b"a",
    ),
    "slow uploads": (
        HEAD.format(method="PATCH", path="/admin/cuts/uploads/1", host="{host}")
        + "Content-Type: application/offset+octet-stream\r\nContent-Length: 60000000\r\n\r\n",
        b"a",
    ),
    "announced bodies": (
        HEAD.format(method="POST", path="/admin/images/add/", host="{host}")
        + "Content-Length: 120000000\r\n\r\n",
        b"",
    ),
    "long lengths": (
        HEAD.format(method="POST", path="{path}", host="{host}")
        + "Content-Length: 0000000000000000000050000\r\n\r\n",
        b"a",
    ),
    "large headers": (
        HEAD.format(method="GET", path="{path}", host="{host}")
        + "".join(f"X-{number}: {'a' * 7990}\r\n" for number in range(9)),
        b"b",
    ),
    "slow readers": (HEAD.format(method="GET", path="{large}", host="{host}") + "\r\n", b""),
    "kept alive": (HEAD.format(method="GET", path="/healthz", host="{host}") + "\r\n", b""),
}


def hold(kind: str, where: tuple[str, int], path: str, large: str) -> socket.socket:
    """One socket of a kind, with its first words said."""
    sock = socket.socket()
    if kind == "slow readers":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    sock.settimeout(IN_TIME)
    sock.connect(where)
    sock.setblocking(False)
    first = KINDS[kind][0].format(path=path, large=large, host=f"{where[0]}:{where[1]}")
    with suppress(BlockingIOError):
        sock.send(first.encode())
    return sock


def say_more(sockets: list[socket.socket], word: bytes) -> int:
    """Each says another word; how many are still open."""
    still = 0
    for sock in sockets:
        try:
            if word:
                sock.send(word)
            elif not sock.recv(1, socket.MSG_PEEK):
                continue
            still += 1
        except BlockingIOError:
            still += 1
        except OSError:
            continue
    return still


def ask(where: tuple[str, int], path: str) -> float:
    """Seconds until an honest visitor has their whole page. Raises OSError."""
    began = time.monotonic()
    with socket.create_connection(where, timeout=IN_TIME) as sock:
        text = f"GET {path} HTTP/1.1\r\nHost: {where[0]}:{where[1]}\r\nConnection: close\r\n\r\n"
        sock.sendall(text.encode())
        answer = b""
        while data := sock.recv(65536):
            answer += data
    if not answer.startswith(b"HTTP/1.1 200"):
        raise OSError(f"answered {answer[:40]!r}")
    return time.monotonic() - began


def measure(
    where: tuple[str, int], path: str, seconds: float, meanwhile: Callable[[], None]
) -> dict[str, float]:
    """An honest visitor asks for a page every tenth of a second."""
    times: list[float] = []
    asked = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        asked += 1
        with suppress(OSError):
            times.append(ask(where, path))
        meanwhile()
        threading.Event().wait(0.1)
    in_time = sum(1 for one in times if one <= IN_TIME)
    slowest = round(max(times, default=IN_TIME), 3)
    return {"asked": asked, "in_time": in_time, "lost": asked - in_time, "slowest": slowest}


def run(
    base_url: str,
    *,
    sockets: int,
    seconds: float,
    path: str = "/",
    large: str = "",
    kinds: tuple[str, ...] = (),
) -> dict[str, dict[str, float]]:
    """What an honest visitor asked for and got in time, by kind of socket that was held meanwhile.

    `large` is the path of something that does not fit into a socket's buffers (default: `path`).
    Raises ValueError for an address beyond this machine, or too many or too long.
    """
    parts = urlsplit(base_url)
    if parts.hostname not in LOOPBACK or not 0 < sockets <= MOST or not 0 < seconds <= LONGEST:
        raise ValueError(f"only on this machine, {MOST} sockets, {LONGEST:.0f} seconds at most")
    where = ("127.0.0.1", parts.port or 80)
    found: dict[str, dict[str, float]] = {}
    for kind in kinds or tuple(KINDS):
        with ExitStack() as stack:
            held: list[socket.socket] = []
            refused = 0
            for _number in range(sockets):
                try:
                    held.append(stack.enter_context(hold(kind, where, path, large or path)))
                except OSError:
                    refused += 1
            still, said = [len(held)], [time.monotonic()]

            def meanwhile(
                kind: str = kind,
                held: list[socket.socket] = held,
                still: list[int] = still,
                said: list[float] = said,
            ) -> None:
                if time.monotonic() - said[0] >= 1:
                    still[0], said[0] = say_more(held, KINDS[kind][1]), time.monotonic()

            honest = measure(where, path, seconds / len(kinds or KINDS), meanwhile)
            found[kind] = {**honest, "held": len(held), "refused": refused, "still_open": still[0]}
    return found


def main() -> None:
    """Prints the counts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("--sockets", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--path", default="/")
    parser.add_argument("--large", default="")
    told = parser.parse_args()
    found = run(
        told.base_url,
        sockets=told.sockets,
        seconds=told.seconds,
        path=told.path,
        large=told.large,
    )
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
