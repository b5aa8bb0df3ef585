"""How much of a request must arrive before a thread handles it, and how slowly it may arrive."""

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

MOST_HEADER = 64 * 1024  # bytes; gunicorn's own parser takes no more in its lines
MOST_IN_ADMIN = 128 * 1024**2  # of a body; larger things are uploaded in pieces
MOST_ELSEWHERE = 2621440  # as much as Django reads on its own (DATA_UPLOAD_MAX_MEMORY_SIZE)
SMALL = 64 * 1024  # a body of this size is buffered whatever its method
STREAMED = frozenset({b"PATCH"})  # tus: the bytes that arrived are kept when the rest does not
ADMIN = b"/admin/"  # where files are uploaded
LONGEST_LENGTH = 19  # digits


class Way(Enum):
    """When a request is handed to a thread."""

    GATHERED = auto()  # when all of it has arrived
    STREAMED = auto()  # at once: the thread reads the body as it arrives
    MALFORMED = auto()  # never, nor anything after it on this connection
    LENGTH_REQUIRED = auto()  # its body has no length
    TOO_LARGE = auto()
    HEADER_TOO_LARGE = auto()


class Arrival(NamedTuple):
    """What a request's header says; `needed` is the number of bytes to read for it in all."""

    way: Way
    needed: int = 0
    expects_continue: bool = False


def look(received: bytes) -> Arrival | None:
    """When to hand over a request that begins so; None while its header is incomplete.

    A request that gunicorn's parser might read differently is refused.
    """
    begin = (
        2 if received.startswith(b"\r\n") else 0
    )  # one empty line may come first (RFC 9112, 2.2)
    end = received.find(b"\r\n\r\n", begin)
    head = received[begin:end] if end >= 0 else received[begin:]
    if len(head) > MOST_HEADER:
        return Arrival(Way.HEADER_TOO_LARGE)
    if head.count(b"\n") != head.count(b"\r\n"):
        return Arrival(Way.MALFORMED)
    if end < 0:
        return None
    request_line, *lines = head.split(b"\r\n")
    words = request_line.split(b" ")
    fields = [line.partition(b":") for line in lines]
    told = [(name.lower(), value.strip().lower()) for name, _colon, value in fields]
    if len(words) != 3 or any(name.split() != [name] for name, _value in told):
        return Arrival(Way.MALFORMED)
    method, target, _version = words
    if any(name == b"transfer-encoding" for name, _value in told):
        return Arrival(Way.LENGTH_REQUIRED)
    body = length_of([value for name, value in told if name == b"content-length"])
    if body is None:
        return Arrival(Way.MALFORMED)
    if body > (MOST_IN_ADMIN if target.startswith(ADMIN) else MOST_ELSEWHERE):
        return Arrival(Way.TOO_LARGE)
    if body > SMALL and method in STREAMED and target.startswith(ADMIN):
        return Arrival(Way.STREAMED, end + 4 + body)
    expects = (b"expect", b"100-continue") in told
    return Arrival(Way.GATHERED, end + 4 + body, expects and body > 0)


def length_of(values: list[bytes]) -> int | None:
    """A body's length in bytes from its Content-Length values; None if they are not digits."""
    if not values:
        return 0
    value, *more = values
    if more or not value.isdigit() or len(value) > LONGEST_LENGTH:
        return None
    return int(value)


@dataclass
class Pace:
    """Measures whether bytes move at least at the lowest rate allowed.

    `rate` is in bytes per second, `window` in seconds. Count only time spent waiting for the other
    side.
    """

    rate: float
    window: float
    moved: float = 0
    waited: float = 0
    recent: float = 0  # bytes; half of them are forgotten each second

    def is_kept(self, moved: int, waited: float) -> bool:
        """Add bytes and seconds; False if too few bytes moved in a window."""
        self.moved += moved
        self.waited += waited
        self.recent = self.of_late(waited) + moved
        if self.waited < self.window:
            return True
        kept = self.moved >= self.rate * self.waited
        self.moved = self.waited = 0
        return kept

    def of_late(self, waited: float) -> float:
        """A moving count of recent bytes after `seconds` of silence: low for slow connections."""
        return self.recent * math.pow(0.5, waited)
