"""The web server's worker: gunicorn's gthread behind an event loop that does all the waiting.

A thread gets a request only when all of it has arrived, so that slow clients occupy no thread: the
loop buffers headers and bodies (large ones in files), sends the rest of responses to slow readers,
and closes connections that are too slow. Uploads are streamed, since what arrived of one is kept
when it breaks off; they have their own threads, and their view checks permissions before reading.
The limits are set in `webserver.py`.
"""

import resource
import socket
import sys
import tempfile
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from selectors import EVENT_READ, EVENT_WRITE
from typing import IO, Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from studio import settings
from studio.operations.arrivals import SMALL, Arrival, Pace, Way, look
from studio.operations.patient import IN_MEMORY, Limits, PatientSocket

KEPT_SILENT = 1 / 8  # share of connections reserved for those that sent nothing yet
LINGER_SECONDS = 2.0  # after the last response, for input that is still arriving
DISCARDED = 1024**2  # bytes read during that time
PATIENCE = Limits(settings.REQUEST_SILENCE_SECONDS, settings.REQUEST_LOWEST_RATE)
REFUSALS = {
    Way.MALFORMED: "400 Bad Request",
    Way.LENGTH_REQUIRED: "411 Length Required",
    Way.TOO_LARGE: "413 Content Too Large",
    Way.HEADER_TOO_LARGE: "431 Request Header Fields Too Large",
}


@dataclass(eq=False)
class Waiting:
    """A connection that the loop handles, with the deadline of its current state."""

    conn: TConn
    until: float
    received: bytearray = field(default_factory=bytearray)
    arrival: Arrival | None = None
    count: int = 0  # bytes of the request so far, or bytes discarded
    pace: Pace = field(default_factory=PATIENCE.pace)
    moved_at: float = field(default_factory=time.monotonic)
    keeps: bool = False  # whether the connection stays open after the response

    @property
    def sock(self) -> PatientSocket:
        """The connection's socket."""
        sock: PatientSocket = self.conn.sock
        return sock

    def is_large(self) -> bool:
        """Whether buffering its request may take much space."""
        arrival = self.arrival
        return arrival is not None and arrival.way is Way.GATHERED and arrival.needed > 2 * SMALL

    def moves(self, count: int) -> bool:
        """Count bytes; returns whether they still move fast enough."""
        now = time.monotonic()
        waited, self.moved_at = now - self.moved_at, now
        self.until = now + PATIENCE.silence
        return self.pace.is_kept(count, waited)


def spool() -> IO[bytes]:
    """Return a buffer that is in memory until it is large. It is closed with its connection."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def raise_file_limit(wanted: int) -> int:
    """Raise the limit on open files as far as allowed, if needed; returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)


class PatientWorker(ThreadWorker):
    """Gunicorn's gthread worker, with all waiting in its event loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker_connections = sys.maxsize  # always accepts, and makes room: see `accept`
        files = raise_file_limit(self.cfg.worker_connections * 3 + 200)
        self.room = min(self.cfg.worker_connections, (files - 200) // 3)
        self.silent: dict[Waiting, None] = {}  # without a request, longest waiting first
        self.moving: dict[Waiting, None] = {}  # without movement, longest first
        self.gathering = 0  # bytes of large requests that are buffered or being read
        self.uploads: Executor

    def init_process(self) -> None:
        self.uploads = ThreadPoolExecutor(settings.WEB_UPLOAD_THREADS)
        super().init_process()

    # Arriving

    def accept(self, listener: socket.socket) -> None:
        """Accept all pending connections; if there are too many, close others."""
        for _turn in range(64):
            try:
                client, address = listener.accept()
            except OSError:
                return
            if self.nr_conns >= self.room and not self.make_room():
                client.close()
                continue
            self.nr_conns += 1
            conn = TConn(self.cfg, PatientSocket(client, PATIENCE), address, listener.getsockname())
            self.await_request(conn, settings.REQUEST_HEADER_SECONDS)

    def make_room(self) -> bool:
        """Close the least valuable waiting connection; False if there is none.

        First those that sent nothing for longest, then those without movement for longest. Some of
        the silent ones are kept, so that many slow connections do not shut out new ones before
        their first byte.
        """
        many = len(self.silent) > self.room * KEPT_SILENT
        for waiting in chain(*((self.silent, self.moving) if many else (self.moving, self.silent))):
            self.drop(waiting)
            return True
        return False

    @property
    def waiting(self) -> list[Waiting]:
        """All connections that the loop handles."""
        return [*self.silent, *self.moving]

    def await_request(self, conn: TConn, seconds: float, received: bytes = b"") -> None:
        """Have the loop wait for a request, of which some bytes may have arrived."""
        waiting = Waiting(conn, time.monotonic() + seconds)
        self.hold(waiting, EVENT_READ, self.on_arriving, self.silent)
        if received:
            self.take(waiting, received)

    def hold(self, waiting: Waiting, event: int, act: Any, among: dict[Waiting, None]) -> None:
        among[waiting] = None
        self.poller.register(waiting.sock, event, partial(act, waiting))

    def let_go(self, waiting: Waiting) -> None:
        self.silent.pop(waiting, None)
        self.moving.pop(waiting, None)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(waiting.sock)

    def drop(self, waiting: Waiting) -> None:
        """Close a waiting connection."""
        self.let_go(waiting)
        self.forget(waiting.conn)

    def note_movement(self, waiting: Waiting) -> None:
        """Move the connection to the end of those that may be closed to make room."""
        self.silent.pop(waiting, None)
        self.moving.pop(waiting, None)
        self.moving[waiting] = None

    def forget(self, conn: TConn) -> None:
        self.nr_conns -= 1
        self.release(conn)
        conn.close()

    def release(self, conn: TConn) -> None:
        """Subtract a large request from the buffered total."""
        self.gathering -= vars(conn).pop("gathered", 0)

    def on_arriving(self, waiting: Waiting, _sock: PatientSocket) -> None:
        """Handle arriving bytes of a request."""
        arrival = waiting.arrival
        most = IN_MEMORY if arrival is None else min(IN_MEMORY, arrival.needed - waiting.count)
        try:
            data = waiting.sock.receive_now(most)
        except OSError:
            data = b""
        if data is None:
            return
        if not data:
            self.drop(waiting)
            return
        self.take(waiting, data)

    def take(self, waiting: Waiting, data: bytes) -> None:
        """Add bytes to a request, and hand it to a thread when enough has arrived."""
        self.note_movement(waiting)
        if waiting.arrival is None:
            if not waiting.received:  # a request's time starts at its first byte
                waiting.moved_at = time.monotonic()
                waiting.until = waiting.moved_at + settings.REQUEST_HEADER_SECONDS
            waiting.received += data
            arrival = look(bytes(waiting.received))
            if arrival is None:
                return
            if not self.begin(waiting, arrival):
                return
        else:
            assert waiting.sock.gathered
            waiting.sock.gathered.write(data)
            waiting.count += len(data)
            if not waiting.moves(len(data)):
                self.drop(waiting)
                return
            self.keep(waiting, len(data))
            if self.gathering > settings.WEB_SPOOL_BYTES and not self.make_space(waiting):
                return
        assert waiting.arrival
        if waiting.arrival.way is Way.STREAMED or waiting.count >= waiting.arrival.needed:
            self.give(waiting)

    def begin(self, waiting: Waiting, arrival: Arrival) -> bool:
        """Start receiving the body once the header is complete; False if the request is refused."""
        if arrival.way in REFUSALS:
            self.answer(waiting, REFUSALS[arrival.way])
            return False
        waiting.arrival, waiting.count = arrival, len(waiting.received)
        waiting.sock.gathered = spool()
        waiting.sock.gathered.write(waiting.received)
        waiting.received = bytearray()
        self.keep(waiting, waiting.count)
        if arrival.expects_continue and waiting.count < arrival.needed:
            with suppress(OSError):
                waiting.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return waiting.moves(waiting.count)

    def keep(self, waiting: Waiting, count: int) -> None:
        """Count buffered bytes of a large request. Small ones are bounded by their number."""
        if waiting.is_large():
            waiting.conn.gathered = vars(waiting.conn).get("gathered", 0) + count
            self.gathering += count

    def make_space(self, newest: Waiting) -> bool:
        """Refuse the slowest large requests; returns whether the newest one stays."""
        now = time.monotonic()
        large = [one for one in self.moving if one.is_large() and one.count > SMALL]
        large.sort(key=lambda one: one.pace.of_late(now - one.moved_at))
        for slowest in large:
            if self.gathering <= settings.WEB_SPOOL_BYTES:
                break
            self.answer(slowest, "503 Service Unavailable")
        return newest in self.moving and newest.arrival is not None

    def give(self, waiting: Waiting) -> None:
        """Hand the connection to a thread."""
        assert waiting.arrival
        assert waiting.sock.gathered
        self.let_go(waiting)
        waiting.sock.gathered.seek(0)
        waiting.conn.data_ready = True
        waiting.sock.is_streamed = waiting.arrival.way is Way.STREAMED
        waiting.sock.is_read_beyond = False
        pool: Executor = self.uploads if waiting.sock.is_streamed else self.tpool
        handled = pool.submit(self.handle, waiting.conn)
        handled.add_done_callback(
            lambda future: self.method_queue.defer(self.finish_request, waiting.conn, future)
        )

    # Runs in a thread

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Close the connection if the view left part of a streamed body unread.

        Also if gunicorn read a request as longer than we did.
        """
        if conn.sock.is_streamed and conn.parser.mesg.body.reader.length:
            return False
        return bool(super()._keepalive_after(conn, keepalive)) and not conn.sock.is_read_beyond

    # Responding

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        """Take the connection back from a thread, and send the rest of the response."""
        try:
            keeps = not future.cancelled() and bool(future.result()) and conn.sock.fileno() >= 0
            if not keeps and conn.sock.fileno() < 0:
                self.forget(conn)
                return
        except Exception:
            self.log.exception("a request broke its thread")
            self.forget(conn)
            return
        self.release(conn)
        self.send_rest(Waiting(conn, time.monotonic() + PATIENCE.silence, keeps=keeps))

    def answer(self, waiting: Waiting, status: str) -> None:
        """Refuse a request without a thread."""
        self.let_go(waiting)
        self.release(waiting.conn)
        waiting.sock.drop_gathered()
        waiting.arrival, waiting.received = None, bytearray()
        with suppress(OSError):
            waiting.sock.sendall(
                f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
            )
        self.send_rest(waiting)

    def send_rest(self, waiting: Waiting) -> None:
        """Send what the network accepts now, and go on when it accepts more."""
        try:
            waiting.sock.flush()
        except OSError:
            self.forget(waiting.conn)
            return
        if waiting.sock.is_sent():
            self.settle(waiting)
        else:
            waiting.moves(0)
            self.hold(waiting, EVENT_WRITE, self.on_writable, self.moving)

    def on_writable(self, waiting: Waiting, _sock: PatientSocket) -> None:
        """Go on sending a response."""
        self.note_movement(waiting)
        try:
            kept = waiting.moves(waiting.sock.flush())
        except OSError:
            kept = False
        if not kept:
            self.drop(waiting)
        elif waiting.sock.is_sent():
            self.let_go(waiting)
            self.settle(waiting)

    def settle(self, waiting: Waiting) -> None:
        """After a response: wait for the next request or close."""
        conn = waiting.conn
        if not waiting.keeps:
            self.take_leave(waiting)
            return
        read_ahead = waiting.sock.gathered.read() if waiting.sock.gathered else b""
        waiting.sock.drop_gathered()
        read_ahead = conn.parser.unreader.take_buffered() + read_ahead
        seconds = settings.REQUEST_HEADER_SECONDS if read_ahead else self.cfg.keepalive
        if not self.alive:
            seconds = min(seconds, LINGER_SECONDS)
        self.await_request(conn, seconds, read_ahead)

    def take_leave(self, waiting: Waiting) -> None:
        """Close the sending side, and discard what the client still sends for a moment.

        Closing at once could lose the end of the response (RFC 9112, section 9.6).
        """
        try:
            waiting.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.forget(waiting.conn)
            return
        waiting.until, waiting.count = time.monotonic() + LINGER_SECONDS, 0
        self.hold(waiting, EVENT_READ, self.on_leaving, self.silent)

    def on_leaving(self, waiting: Waiting, _sock: PatientSocket) -> None:
        try:
            data = waiting.sock.receive_now(IN_MEMORY)
        except OSError:
            data = b""
        waiting.count += len(data or b"")
        if data == b"" or waiting.count > DISCARDED:
            self.drop(waiting)

    # Deadlines, each second

    def murder_pending(self) -> None:
        """Close what is past its deadline."""
        now = time.monotonic()
        for waiting in [one for one in self.waiting if one.until <= now]:
            if waiting.received:  # a request that began gets a response with the reason
                self.answer(waiting, "408 Request Timeout")
            else:
                self.drop(waiting)

    def _cap_keepalive(self, deadline: float) -> None:
        """While the worker stops, do not wait for idle connections."""
        for waiting in self.waiting:
            if waiting.arrival is None and not waiting.received:
                waiting.until = min(waiting.until, deadline)
