"""The web server's worker: gunicorn's threads, behind a loop that does all the waiting.

A thread is given to a request that is here whole, and reads nothing else from the network, so that
nobody holds one by being slow: the loop gathers headers and bodies (large ones in files), sends
what a slow reader has not taken yet, and ends connections that are late. Uploads are streamed, as
what came of one is kept when it breaks off; they have threads of their own, and their view looks at
who it is before it reads. The numbers are in `webserver.py`.
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

KEPT_SILENT = 1 / 8  # of all places, for connections that said nothing yet
LINGER_SECONDS = 2.0  # after an answer that ends a connection, for what is still on its way
DISCARDED = 1024**2  # bytes that are read meanwhile
PATIENCE = Limits(settings.REQUEST_SILENCE_SECONDS, settings.REQUEST_LOWEST_RATE)
REFUSALS = {
    Way.MALFORMED: "400 Bad Request",
    Way.LENGTH_REQUIRED: "411 Length Required",
    Way.TOO_LARGE: "413 Content Too Large",
    Way.HEADER_TOO_LARGE: "431 Request Header Fields Too Large",
}


@dataclass(eq=False)
class Waiting:
    """A connection in the hands of the loop, and until when it may stay as it is."""

    conn: TConn
    until: float
    received: bytearray = field(default_factory=bytearray)
    arrival: Arrival | None = None
    count: int = 0  # bytes of the request that are here, or of what is discarded
    pace: Pace = field(default_factory=PATIENCE.pace)
    moved_at: float = field(default_factory=time.monotonic)
    keeps: bool = False  # whether the connection stays open after what is being sent

    @property
    def sock(self) -> PatientSocket:
        """Its socket."""
        sock: PatientSocket = self.conn.sock
        return sock

    def is_large(self) -> bool:
        """Whether what is gathered of it may take much space."""
        arrival = self.arrival
        return arrival is not None and arrival.way is Way.GATHERED and arrival.needed > 2 * SMALL

    def moves(self, count: int) -> bool:
        """Notes bytes; whether they still come fast enough."""
        now = time.monotonic()
        waited, self.moved_at = now - self.moved_at, now
        self.until = now + PATIENCE.silence
        return self.pace.is_kept(count, waited)


def spool() -> IO[bytes]:
    """A place for bytes, in memory until they are many. It is closed with its connection."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def raise_file_limit(wanted: int) -> int:
    """Lets this process have as many files open as it may, if it wants; returns how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(soft, most)


class PatientWorker(ThreadWorker):
    """gunicorn's gthread, with its waiting in the loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker_connections = sys.maxsize  # we accept always, and make room: see `accept`
        files = raise_file_limit(self.cfg.worker_connections * 3 + 200)
        self.room = min(self.cfg.worker_connections, (files - 200) // 3)
        self.silent: dict[Waiting, None] = {}  # who lost nothing by an end; longest waiting first
        self.moving: dict[Waiting, None] = {}  # the longest without movement first
        self.gathering = 0  # bytes of large requests that are being gathered or read
        self.uploads: Executor

    def init_process(self) -> None:
        self.uploads = ThreadPoolExecutor(settings.WEB_UPLOAD_THREADS)
        super().init_process()

    # Arriving

    def accept(self, listener: socket.socket) -> None:
        """Takes every connection that is there; where it is full, others make room."""
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
        """Ends a connection that is worth least; False where none waits.

        That is who said nothing for longest, then who moved nothing for longest. So that many slow
        ones do not shut others out before they speak, some of the silent are kept.
        """
        many = len(self.silent) > self.room * KEPT_SILENT
        for waiting in chain(*((self.silent, self.moving) if many else (self.moving, self.silent))):
            self.drop(waiting)
            return True
        return False

    @property
    def waiting(self) -> list[Waiting]:
        """All connections in the hands of the loop."""
        return [*self.silent, *self.moving]

    def await_request(self, conn: TConn, seconds: float, received: bytes = b"") -> None:
        """Has the loop wait for a request; some bytes of it may be here."""
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
        """Ends a connection that waits."""
        self.let_go(waiting)
        self.forget(waiting.conn)

    def note_movement(self, waiting: Waiting) -> None:
        """Bytes moved: it is the last to make room."""
        self.silent.pop(waiting, None)
        self.moving.pop(waiting, None)
        self.moving[waiting] = None

    def forget(self, conn: TConn) -> None:
        self.nr_conns -= 1
        self.release(conn)
        conn.close()

    def release(self, conn: TConn) -> None:
        """Counts what was kept of a large request no longer."""
        self.gathering -= vars(conn).pop("gathered", 0)

    def on_arriving(self, waiting: Waiting, _sock: PatientSocket) -> None:
        """Some of a request is here."""
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
        """Adds bytes to a request, and gives it to a thread when enough of it is here."""
        self.note_movement(waiting)
        if waiting.arrival is None:
            if not waiting.received:  # a request has its time from its first byte on
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
        """The header is here: begins with the body, or refuses it (False)."""
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
        """Counts bytes that are kept of a large request. Small ones are bounded by their number."""
        if waiting.is_large():
            waiting.conn.gathered = vars(waiting.conn).get("gathered", 0) + count
            self.gathering += count

    def make_space(self, newest: Waiting) -> bool:
        """Refuses the slowest of what is being gathered; whether the newest stays."""
        now = time.monotonic()
        large = [one for one in self.moving if one.is_large() and one.count > SMALL]
        large.sort(key=lambda one: one.pace.of_late(now - one.moved_at))
        for slowest in large:
            if self.gathering <= settings.WEB_SPOOL_BYTES:
                break
            self.answer(slowest, "503 Service Unavailable")
        return newest in self.moving and newest.arrival is not None

    def give(self, waiting: Waiting) -> None:
        """A thread takes over."""
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

    # In a thread

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """A streamed body that the view left unread ends the connection: nobody waits for it.

        So does a request that was longer to gunicorn than to us.
        """
        if conn.sock.is_streamed and conn.parser.mesg.body.reader.length:
            return False
        return bool(super()._keepalive_after(conn, keepalive)) and not conn.sock.is_read_beyond

    # Answering

    def finish_request(self, conn: TConn, future: Future[Any]) -> None:
        """A thread is done: what is not sent yet, the loop sends."""
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
        """Refuses a request without a thread."""
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
        """Sends what the network takes now, and goes on when it takes more."""
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
        """The reader takes more of an answer."""
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
        """The answer is sent: waits for the next request, or takes leave."""
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
        """Tells the other side that nothing follows, and reads what it still sends for a moment.

        Closing at once would have the network throw away the end of the answer (RFC 9112, 9.6).
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
        """Ends what is late."""
        now = time.monotonic()
        for waiting in [one for one in self.waiting if one.until <= now]:
            if waiting.received:  # it began, and gets to hear why it ends
                self.answer(waiting, "408 Request Timeout")
            else:
                self.drop(waiting)

    def _cap_keepalive(self, deadline: float) -> None:
        """While the worker stops: nobody idle is waited for."""
        for waiting in self.waiting:
            if waiting.arrival is None and not waiting.received:
                waiting.until = min(waiting.until, deadline)
