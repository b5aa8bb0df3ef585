"""How many reports of playing browsers a second the studio takes, against plain inserts.

Both are sent over loopback into gunicorn as `make run` starts it, in turns, in one run: reports of
views of half a minute to the studio, with its limits off, and the same bytes to one view that
inserts a row behind Django's usual middleware (plain.py). `BENCH_BEACON_SECONDS` (5) a turn,
`BENCH_BEACON_ROUNDS` (5). With `DATABASE_URL`, in a database of its own on that PostgreSQL.
"""

import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.bench.figures import Figure, measurement
from tests.bench.uploading import ROOT, environment, manage, web
from tests.ports import free_port

SECONDS = float(os.environ.get("BENCH_BEACON_SECONDS", 5))
ROUNDS = int(os.environ.get("BENCH_BEACON_ROUNDS", 5))
CONNECTIONS = 8
PLAYED = (0, 4, 14, 24, 34)  # seconds of a view at which its browser reports
LEAST_SHARE = 0.18
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
BEGIN = """
from tests.videos.audience.factories import public_video
print(public_video(duration_seconds="600").public_id)
"""
HEARD = "from videos.audience.models import View; print(View.objects.count())"


def request(port: int, view: str, body: bytes) -> bytes:
    head = (
        f"POST /api/v1/views/{view} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"User-Agent: {FIREFOX}\r\nSec-Fetch-Site: same-origin\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def reports(port: int, video: str) -> Iterator[bytes]:
    """The requests of one view after the other, without end."""
    while True:
        view = str(uuid.uuid4())
        for seq, played in enumerate(PLAYED):
            told = {
                "video": video,
                "share": None,
                "seq": seq,
                "elapsed": played + 0.125,
                "ranges": [[0, played + 0.0625]] if played else [],
                "event": "playing" if played else "play",
            }
            yield request(port, view, json.dumps(told).encode())


def sent(port: int, video: str, seconds: float) -> float:
    """Requests answered a second, over connections that are kept open."""
    answered = itertools.count()
    begun = time.perf_counter()
    end = begun + seconds
    failed: list[bytes] = []

    def send() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            for one in reports(port, video):
                line.sendall(one)
                head = line.recv(65536)
                if not head.startswith(b"HTTP/1.1 204"):
                    failed.append(head)
                    return
                next(answered)
                if time.perf_counter() >= end:
                    return

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"A report was answered with {failed[0]!r}.")
    return next(answered) / (time.perf_counter() - begun)


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment for a fresh database: on the server of DATABASE_URL, else in a file."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres://", "postgresql://")):
        yield {}
        return
    name, parts = f"bench_{uuid.uuid4().hex[:8]}", urlsplit(url)
    keeper = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(keeper, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
    try:
        yield {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
    finally:
        with psycopg.connect(keeper, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


@measurement("beacons")
def beacons(_clips: Path, folder: Path) -> Iterator[Figure]:
    """Reports a second by plain inserts a second, in the middle of some rounds."""
    with database() as where:
        ports = [free_port(), free_port()]
        studio, plain = (
            environment(folder, port) | where | {"WEB_WORKERS": "2", "RATE_LIMITS": "off"}
            for port in ports
        )
        manage(studio, "migrate", "-v0")
        manage(studio, "createcachetable")
        video = manage(studio, "shell", "--no-imports", stdin=BEGIN)
        subprocess.run([sys.executable, "-m", "tests.bench.plain"], cwd=ROOT, env=plain, check=True)
        taken: list[tuple[float, float]] = []
        with web(studio), web(plain, "tests.bench.plain:application"):
            for port in ports:
                sent(port, video, 1)  # every worker has loaded what it needs
            for _ in range(ROUNDS):
                taken.append((sent(ports[0], video, SECONDS), sent(ports[1], video, SECONDS)))
        begun = int(manage(studio, "shell", "--no-imports", stdin=HEARD))
    group = f"reports of playing browsers, {'PostgreSQL' if where else 'SQLite'}"
    yield Figure(group, "reports", statistics.median(ours for ours, _ in taken), "/s")
    yield Figure(group, "plain inserts", statistics.median(plain for _, plain in taken), "/s")
    share = statistics.median(ours / plain for ours, plain in taken)
    yield Figure(group, "reports by inserts", share, least=LEAST_SHARE if where else None)
    yield Figure(group, "views that began", float(begun))
