import socket
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pytest
from django.conf import settings
from gunicorn.config import Config
from gunicorn.http import RequestParser
from gunicorn.http.errors import ParseException
from hypothesis import given
from hypothesis import strategies as st

from studio.operations.arrivals import (
    MOST_ELSEWHERE,
    MOST_HEADER,
    MOST_IN_ADMIN,
    Arrival,
    Pace,
    Way,
    look,
)
from studio.operations.patient import Limits, PatientSocket


def head(method: str, *fields: str, path: str = "/") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def way_of(request: bytes) -> Way | None:
    arrival = look(request)
    return arrival.way if arrival else None


def test_a_request_is_given_to_a_thread_when_all_of_it_is_here():
    get = head("GET")
    assert look(get) == Arrival(Way.GATHERED, len(get))
    post = head("POST", "Content-Length: 12")
    assert look(post + b"abc") == Arrival(Way.GATHERED, len(post) + 12)
    asks = head("POST", "content-length:12", "EXPECT: 100-Continue")
    assert look(asks) == Arrival(Way.GATHERED, len(asks) + 12, expects_continue=True)


def test_an_empty_line_may_come_before_a_request():
    post = b"\r\n" + head("POST", "Content-Length: 12")
    assert look(post) == Arrival(Way.GATHERED, len(post) + 12)
    assert way_of(b"\r\n\r\n" + post) is Way.MALFORMED


def test_an_upload_is_streamed_and_a_small_one_is_not():
    upload = head("PATCH", "Content-Length: 67108864", path="/admin/cuts/uploads/1")
    assert look(upload) == Arrival(Way.STREAMED, len(upload) + 67108864)
    small = head("PATCH", "Content-Length: 10", path="/admin/cuts/uploads/1")
    assert look(small) == Arrival(Way.GATHERED, len(small) + 10)
    elsewhere = head("PATCH", f"Content-Length: {MOST_ELSEWHERE}")
    assert look(elsewhere) == Arrival(Way.GATHERED, len(elsewhere) + MOST_ELSEWHERE)


def test_a_body_without_a_length_gets_no_thread():
    for method in ("POST", "PATCH", "GET"):
        assert way_of(head(method, "Transfer-Encoding: chunked")) is Way.LENGTH_REQUIRED


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET", "HEAD"])
def test_a_large_body_is_taken_where_files_are_uploaded_only(method: str):
    def asked(path: str, length: int) -> Way | None:
        return way_of(head(method, f"Content-Length: {length}", path=path))

    assert asked("/", MOST_ELSEWHERE) is Way.GATHERED
    for path in ("/", "/admin", "/x/admin/", "http://x/admin/", "//admin/"):
        assert asked(path, MOST_ELSEWHERE + 1) is Way.TOO_LARGE
    assert asked("/admin/images/add/", MOST_IN_ADMIN) in {Way.GATHERED, Way.STREAMED}
    assert asked("/admin/images/add/", MOST_IN_ADMIN + 1) is Way.TOO_LARGE


def test_what_is_taken_elsewhere_is_what_django_reads():
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == MOST_ELSEWHERE


@pytest.mark.parametrize(
    "fields",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: -5"],
        ["Content-Length: +5"],
        ["Content-Length: 5_0"],
        ["Content-Length: 5, 5"],
        ["Content-Length:"],
        ["Content-Length: 0000000000000000000050000"],
        ["Content-Length: " + "9" * 5000],
        ["Content-Length : 5"],
        [" Content-Length: 5"],
        ["x: y\nContent-Length: 5"],
        ["x: y\n\nz: a"],
    ],
)
def test_what_two_parsers_may_read_otherwise_gets_no_thread(fields: list[str]):
    assert way_of(head("POST", *fields)) is Way.MALFORMED


def test_a_request_line_without_its_three_words_gets_no_thread():
    for line in (b"GET /", b"GET  / HTTP/1.1", b"", b"GET / HTTP/1.1 x"):
        assert way_of(line + b"\r\nHost: x\r\n\r\n") is Way.MALFORMED


def test_a_header_beyond_its_bound_gets_no_thread_whether_it_ends_or_not():
    lines = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 7990) for number in range(9))
    endless = b"GET / HTTP/1.1\r\nHost: x\r\n" + lines
    assert len(endless) > MOST_HEADER
    assert way_of(endless) is Way.HEADER_TOO_LARGE
    assert way_of(endless + b"\r\n") is Way.HEADER_TOO_LARGE
    assert way_of(b"a" * (MOST_HEADER + 1)) is Way.HEADER_TOO_LARGE


def wants_more(data: bytes) -> bool:
    """Whether gunicorn's parser asks the network for more than this. Raises ParseException."""
    asked = []

    def chunks() -> Iterator[bytes]:
        yield data
        asked.append(True)

    request = next(RequestParser(Config(), chunks(), ("127.0.0.1", 1)))
    request.body.read()
    return bool(asked)


ODD = """Content-Length: 7|content-length:  7 |Content-Length: 007|Expect: 100-continue
Content_Length: 9|Transfer-Encoding: chunked|Transfer-Encoding : chunked|Content-Length: 7\x00
Content-Length: \xb27|Host: y|x:y:z"""
odd_fields = st.one_of(
    st.sampled_from([field for line in ODD.split("\n") for field in line.split("|")]),
    st.text(st.characters(max_codepoint=255), max_size=30),
)


@given(
    st.sampled_from(["GET", "POST", "PATCH", "post", "\r\nPOST"]), st.lists(odd_fields, max_size=3)
)
def test_gunicorn_never_wants_more_of_a_request_than_was_gathered(method: str, fields: list[str]):
    request = "\r\n".join([f"{method} / HTTP/1.1", *fields, "", ""]).encode("latin-1")
    arrival = look(request)
    if arrival is None or arrival.way is not Way.GATHERED:
        return
    whole = request + bytes(max(0, arrival.needed - len(request)))
    with suppress(ParseException):  # it may refuse
        assert not wants_more(whole)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_it_says_the_same_however_the_bytes_are_cut(noise: bytes, cut: int):
    request = head("POST", "Content-Length: 200") + noise
    early = look(request[:cut])
    assert early is None or early == look(request)
    assert (early is None) == (cut < len(head("POST", "Content-Length: 200")))


@given(st.lists(st.tuples(st.integers(0, 5000), st.floats(0.01, 5)), min_size=1, max_size=60))
def test_who_keeps_the_lowest_rate_at_every_moment_is_never_ended(steps):
    pace = Pace(rate=1000, window=10)
    assert all(pace.is_kept(int(seconds * 1000) + 1 + more, seconds) for more, seconds in steps)


@given(st.lists(st.floats(0.01, 1), min_size=100, max_size=200))
def test_who_is_slower_over_a_window_is_ended(waits):
    pace = Pace(rate=1000, window=10)
    kept = [pace.is_kept(int(seconds * 900), seconds) for seconds in waits]
    assert all(kept) == (sum(waits) < 10)


@given(st.integers(1, 10**9), st.floats(0, 1000))
def test_who_moved_much_but_stalls_has_moved_little_of_late(moved: int, waited: float):
    pace = Pace(rate=1000, window=10)
    pace.is_kept(moved, 0)
    assert pace.of_late(0) == moved
    assert pace.of_late(waited + 1) == pytest.approx(pace.of_late(waited) / 2)


def test_a_slow_sender_moved_less_of_late_than_a_fast_one_that_began_just_now():
    stalled, fast = Pace(rate=1000, window=60), Pace(rate=1000, window=60)
    stalled.is_kept(127 * 1024**2, 1)
    for _step in range(30):
        stalled.is_kept(1000, 1)
    fast.is_kept(64 * 1024, 0)
    assert stalled.of_late(0) < fast.of_late(0.1)


@pytest.mark.parametrize("is_streamed", [False, True])
def test_a_thread_reads_from_the_network_for_a_streamed_request_only(is_streamed: bool):
    ours, theirs = socket.socketpair()
    with theirs, PatientSocket(ours, Limits(silence=1, rate=1)) as sock:
        sock.gathered, sock.is_streamed = BytesIO(b"gathered"), is_streamed
        theirs.sendall(b" and more")
        got = [sock.recv(100) for _turn in range(2)]
        assert got == [b"gathered", b" and more" if is_streamed else b""]
        assert sock.is_read_beyond is not is_streamed
