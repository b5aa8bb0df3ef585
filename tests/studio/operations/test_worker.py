"""The web server as `make run` starts it, with one process, two threads and little patience."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings

from studio.operations.run import children_of
from tests.attack.sockets import KINDS, run
from tests.ports import free_port
from tests.studio.operations.slow_app import LARGE

HEADER_SECONDS, SILENCE, RATE, ROOM = 1.0, 1.0, 200, 250
SPOOL = 8 * 1024**2
LATE = 10.0  # seconds after which a test gives up
Connect = Callable[[], socket.socket]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[tuple[int, int]]:
    """(port, process id) of the server, shared by the tests here."""
    port = free_port()
    env = {
        **os.environ,
        "PORT": str(port),
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "WEB_WORKERS": "1",
        "WEB_THREADS": "2",
        "WEB_UPLOAD_THREADS": "2",
        "WEB_CONNECTIONS": str(ROOM),
        "WEB_SPOOL_BYTES": str(SPOOL),
        "REQUEST_HEADER_SECONDS": str(HEADER_SECONDS),
        "REQUEST_SILENCE_SECONDS": str(SILENCE),
        "REQUEST_LOWEST_RATE": str(RATE),
    }
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    app = "tests.studio.operations.slow_app:application"
    process = subprocess.Popen(
        [gunicorn, "--config", "python:studio.operations.webserver", app],
        cwd=settings.BASE_DIR,
        env=env,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        threading.Event().wait(0.1)
    yield port, process.pid
    process.kill()
    process.wait()


@pytest.fixture
def connect(server) -> Iterator[Connect]:
    with ExitStack() as stack:

        def fresh() -> socket.socket:
            made = socket.create_connection(("127.0.0.1", server[0]), timeout=LATE)
            return stack.enter_context(made)

        yield fresh


def said(method: str, path: str, *fields: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *length, *fields, "", ""]
    return "\r\n".join(lines).encode() + body


def answer_of(sock: socket.socket) -> tuple[int, bytes]:
    """Status and body of one answer."""
    reader = sock.makefile("rb", buffering=0)
    status = int(reader.readline().split()[1])
    length = 0
    while (line := reader.readline()) not in (b"\r\n", b""):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = b""
    while len(body) < length:
        body += reader.read(length - len(body))
    return status, body


def honest(connect: Connect) -> tuple[int, bytes]:
    """What somebody gets who asks as everybody does."""
    sock = connect()
    sock.sendall(said("POST", "/", body=b"hello"))
    return answer_of(sock)


def seconds_until_closed(sock: socket.socket) -> tuple[float, bytes]:
    began, heard = time.monotonic(), b""
    with contextlib.suppress(ConnectionError):
        while data := sock.recv(65536):
            heard += data
    return time.monotonic() - began, heard


def connections_of(pid: int) -> int:
    """How many sockets a process has open beside the two of its own."""
    links = [os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink()]
    return sum(1 for link in links if link.startswith("socket:")) - 2


HELLO = (200, sha256(b"hello").hexdigest().encode())


def test_a_header_that_does_not_come_ends_by_its_deadline(connect):
    sock = connect()
    sock.sendall(b"GET / HTTP/1.1\r\nHost:")
    seconds, heard = seconds_until_closed(sock)
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert HEADER_SECONDS <= seconds < HEADER_SECONDS + 5


def test_an_idle_connection_ends_by_the_same_deadline_without_a_word(connect):
    seconds, heard = seconds_until_closed(connect())
    assert heard == b""
    assert HEADER_SECONDS <= seconds < HEADER_SECONDS + 4


def test_a_header_of_one_byte_a_moment_has_no_more_time(connect):
    sock = connect()
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while time.monotonic() - began < LATE:
            sock.sendall(b"a")
            threading.Event().wait(0.1)
    assert time.monotonic() - began < HEADER_SECONDS + 5


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_body_below_the_lowest_rate_ends(connect, method):
    sock = connect()
    sock.sendall(said(method, "/admin/", "Content-Length: 100000"))
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while time.monotonic() - began < LATE:
            sock.sendall(b"a")
            threading.Event().wait(0.1)
    assert 2 * SILENCE <= time.monotonic() - began < 2 * SILENCE + 5


def test_a_slow_upload_that_keeps_the_lowest_rate_goes_on(connect):
    sock, total = connect(), 70_000
    sock.sendall(said("PATCH", "/admin/", f"Content-Length: {total}"))
    for _step in range(35):  # 3.5 s, beyond every window of waiting
        sock.sendall(bytes(100))
        threading.Event().wait(0.1)
    sock.sendall(bytes(total - 3500))
    assert answer_of(sock) == (200, str(total).encode())


def test_what_came_of_an_upload_reaches_its_view_though_it_breaks_off(connect):
    sock = connect()
    sock.sendall(said("PATCH", "/admin/", "Content-Length: 100000") + bytes(3000))
    assert answer_of(sock)[0] == 400
    again = connect()
    again.sendall(said("GET", "/kept"))
    status, kept = answer_of(again)
    assert (status, int(kept) > 1000) == (200, True)


def test_an_upload_that_is_refused_unread_ends_its_connection(connect):
    sock = connect()
    sock.sendall(said("PATCH", "/admin/refused", "Content-Length: 100000000") + bytes(1000))
    assert answer_of(sock) == (403, b"no")
    assert seconds_until_closed(sock)[1] == b""


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_two_hundred_slow_sockets_do_not_stop_the_site(server, connect, kind):
    address = f"http://127.0.0.1:{server[0]}"
    found = run(address, sockets=200, seconds=1.5, path="/", large="/file", kinds=(kind,))[kind]
    assert (found["held"], found["lost"]) == (200, 0)
    assert found["asked"] > 0
    assert honest(connect) == HELLO


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
@pytest.mark.parametrize("path", ["/file", "/pieces"])
def test_readers_who_read_nothing_hold_no_thread_and_end(server, connect, path):
    readers = [connect() for _number in range(8)]
    for sock in readers:
        sock.sendall(said("GET", path))
    assert honest(connect) == HELLO
    (worker,) = children_of(server[1])
    deadline = time.monotonic() + LATE
    while connections_of(worker) and time.monotonic() < deadline:
        threading.Event().wait(0.1)
    assert connections_of(worker) == 0


@pytest.mark.parametrize("path", ["/file", "/pieces"])
def test_a_slow_reader_gets_every_byte(connect, path):
    sock = connect()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    sock.sendall(said("GET", path) + said("GET", "/kept"))
    status, body = answer_of(sock)
    assert (status, body == bytes(LARGE)) == (200, True)
    assert answer_of(sock)[0] == 200


def test_requests_that_come_together_are_answered_in_order(connect):
    sock = connect()
    sock.sendall(b"".join(said("POST", "/", body=body) for body in (b"one", b"two", b"three")))
    got = [answer_of(sock) for _number in range(3)]
    assert got == [(200, sha256(word).hexdigest().encode()) for word in (b"one", b"two", b"three")]


def test_a_body_larger_than_what_is_kept_in_memory_comes_through(connect):
    body = os.urandom(3 * 1024**2)
    sock = connect()
    sock.sendall(said("POST", "/admin/", body=body))
    assert answer_of(sock) == (200, sha256(body).hexdigest().encode())


def test_who_waits_for_leave_to_send_the_body_gets_it(connect):
    sock = connect()
    sock.sendall(said("POST", "/", "Expect: 100-continue", "Content-Length: 5"))
    assert sock.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    sock.sendall(b"hello")
    status, _nothing = answer_of(sock)
    assert (status, answer_of(sock) if status == 100 else None) == (100, HELLO)


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("Transfer-Encoding: chunked", 411),
        ("Content-Length: 999999999", 413),
        ("Content-Length: 0000000000000000000050000", 400),
        ("\r\n".join(f"X-{number}: {'a' * 7990}" for number in range(9)), 431),
    ],
)
def test_a_body_that_is_not_taken_is_refused_at_its_header(connect, field, status):
    sock = connect()
    sock.sendall(said("POST", "/", field))
    assert answer_of(sock)[0] == status


def test_bodies_that_were_only_announced_take_no_space(connect):
    for _number in range(SPOOL // 1024**2):
        sock = connect()
        sock.sendall(said("POST", "/admin/", f"Content-Length: {4 * 1024**2}"))
    assert honest(connect) == HELLO
    get = connect()
    get.sendall(said("GET", "/kept"))
    assert answer_of(get)[0] == 200
    body = os.urandom(3 * 1024**2)
    upload = connect()
    upload.sendall(said("POST", "/admin/", body=body))
    assert answer_of(upload) == (200, sha256(body).hexdigest().encode())


def test_where_the_space_for_bodies_is_full_the_slowest_sender_makes_room(connect):
    slow = connect()
    slow.sendall(said("POST", "/admin/", f"Content-Length: {SPOOL}") + bytes(SPOOL - 1024**2))
    for _step in range(40):  # fast at first, and then just above the lowest rate
        slow.sendall(bytes(100))
        threading.Event().wait(0.1)
    body = os.urandom(3 * 1024**2)
    upload = connect()
    upload.sendall(said("POST", "/admin/", body=body))
    assert answer_of(upload) == (200, sha256(body).hexdigest().encode())
    assert answer_of(slow)[0] == 503


def test_where_the_house_is_full_who_waits_longest_makes_room(connect):
    idle = [connect() for _number in range(ROOM + 50)]
    assert honest(connect) == HELLO
    idle[0].settimeout(LATE)
    assert idle[0].recv(1) == b""


def test_what_moves_outlives_those_who_say_nothing_where_the_house_is_full(connect):
    reader, sender = connect(), connect()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    reader.sendall(said("GET", "/file"))
    assert reader.recv(15) == b"HTTP/1.1 200 OK"
    sender.sendall(said("POST", "/", "Content-Length: 5"))
    for _number in range(ROOM + 50):
        connect()
    sender.sendall(b"hello")
    assert answer_of(sender) == HELLO
    left = LARGE
    while left > 0 and (data := reader.recv(1024**2)):
        left -= len(data)
    assert left <= 0


def test_slow_senders_do_not_shut_out_who_has_not_spoken_yet(connect):
    """The newcomer says nothing until others have come after it."""
    for _number in range(ROOM + 10):
        sock = connect()
        sock.sendall(b"G")
    newcomer = connect()
    for _number in range(ROOM // 16):
        connect()
    newcomer.sendall(said("POST", "/", body=b"hello"))
    assert answer_of(newcomer) == HELLO


def test_a_stop_does_not_wait_for_idle_connections(server, connect):
    for _number in range(20):
        connect()
    began = time.monotonic()
    os.kill(server[1], signal.SIGTERM)
    while time.monotonic() - began < LATE:
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(server[1], os.WNOHANG)[0]:
                break
        threading.Event().wait(0.05)
    assert time.monotonic() - began < 4
