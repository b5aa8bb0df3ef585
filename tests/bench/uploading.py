"""How fast an upload is taken in, against a plain copy.

A real tus upload over loopback into gunicorn, until every byte is on the disk with its checksum
known, and a plain copy from a socket to a file over the same loopback, until it is on the disk;
in turns, in one run. `BENCH_UPLOAD_BYTES` (2 GiB), `BENCH_UPLOAD_ROUNDS` (3).
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure, measurement
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SIZE = int(os.environ.get("BENCH_UPLOAD_BYTES", 2 * 1024**3))
ROUNDS = int(os.environ.get("BENCH_UPLOAD_ROUNDS", 3))
CHUNK = 64 * 1024**2  # as a browser sends it, see UPLOAD_CHUNK_BYTES
PIECE = 1024**2
LEAST_SHARE = 0.7
MOST_GROWTH = 64  # MiB that a web process may grow by, whatever comes in
BEGIN = """
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from studio.people.models import User
from videos.media.uploads.intake import announce
from videos.planning.models import Video
user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
    "bench@studio.example", "bench")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]  # the other one only refuses
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
video = Video.objects.create(title="Bench", stage="editing")
told = dict(name="a.mp4", size={size}, fingerprint="", by=user)
uploads = [announce(video, **told) for _ in range({count})]
print(json.dumps({{"session": session.session_key, "keys": [str(one.key) for one in uploads]}}))
"""
CHECK = """
from videos.media.models import Upload
upload = Upload.objects.get(key="{key}")
assert upload.received == upload.bytes, upload.received
print(upload.sha256)
upload.delete()
"""


@dataclass(frozen=True)
class Taken:
    """One round: seconds of both, and by how many bytes the web server grew."""

    upload: float
    copy: float
    growth: int

    @property
    def share(self) -> float:
        """The upload's speed as a share of the copy's."""
        return self.copy / self.upload


def environment(data: Path, port: int) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "S3_BUCKET"}
    }
    return kept | {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "MAX_UPLOAD_BYTES": str(2 * SIZE),
    }


def manage(env: dict[str, str], *arguments: str, stdin: str | None = None) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=env, input=stdin, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.strip()


@contextmanager
def web(env: dict[str, str], app: str = "studio.wsgi") -> Iterator[int]:
    """The studio's web server as `make run` starts it; gives the id of its first worker."""
    command = ["gunicorn", "--config", "python:studio.operations.webserver", app]
    here = str(Path(sys.executable).with_name(command[0]))
    process = subprocess.Popen([here, *command[1:]], cwd=ROOT, env=env)
    try:
        end = time.monotonic() + 60
        while not answers(env["BASE_URL"]):
            if time.monotonic() > end:
                sys.exit("The web server does not answer.")
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield int(children[0])
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


class Memory:
    """The most that a process holds while the block runs, in bytes of its own (no page cache)."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = self.most = self.now()
        self.over = threading.Event()

    def now(self) -> int:
        told = Path(f"/proc/{self.pid}/status").read_text()
        return int(told.split("VmRSS:")[1].split()[0]) * 1024

    def watch(self) -> None:
        while not self.over.wait(0.05):
            self.most = max(self.most, self.now())

    def __enter__(self) -> "Memory":
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.over.set()
        self.thread.join()


def upload(port: int, session: str, key: str, source: Path) -> float:
    """Sends a file over tus as Uppy does; returns seconds until the last byte is confirmed."""
    token = "a" * 32
    line = http.client.HTTPConnection("127.0.0.1", port)
    begun = time.perf_counter()
    with source.open("rb") as file:
        for offset in range(0, SIZE, CHUNK):
            length = min(CHUNK, SIZE - offset)
            line.putrequest("PATCH", f"/admin/cuts/uploads/{key}/tus/")
            for name, value in {
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(length),
                "Upload-Offset": str(offset),
                "Tus-Resumable": "1.0.0",
                "X-CSRFToken": token,
                "Cookie": f"sessionid={session}; csrftoken={token}",
            }.items():
                line.putheader(name, value)
            line.endheaders()
            assert line.sock
            line.sock.sendfile(file, offset, length)
            response = line.getresponse()
            response.read()
            if response.status != 204:
                sys.exit(f"The upload was answered with {response.status}.")
    seconds = time.perf_counter() - begun
    line.close()
    return seconds


RECEIVE = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
line, _ = listener.accept()
with open(sys.argv[1], "wb", buffering=0) as file:
    while piece := line.recv(1024 * 1024):
        file.write(piece)
    os.fsync(file.fileno())
line.sendall(b"k")
"""


def copy(source: Path, target: Path) -> float:
    """Sends a file to another process that writes what it reads, with nothing in between."""
    command = [sys.executable, "-c", RECEIVE, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout
        port = int(receiver.stdout.readline())
        begun = time.perf_counter()
        with socket.create_connection(("127.0.0.1", port)) as line, source.open("rb") as file:
            line.sendfile(file)
            line.shutdown(socket.SHUT_WR)
            assert line.recv(1) == b"k"
        seconds = time.perf_counter() - begun
    target.unlink()
    return seconds


def made(path: Path) -> str:
    """A file of random bytes, read once so that it lies in memory; returns its checksum."""
    with path.open("wb") as file:
        for _ in range(SIZE // PIECE):
            file.write(os.urandom(PIECE))
        file.write(os.urandom(SIZE % PIECE))
        os.fsync(file.fileno())
    told = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True)
    return told.stdout.split()[0]


def rounds(data: Path) -> list[Taken]:
    port = free_port()
    env = environment(data, port)
    source = data / "source"
    wanted = made(source)
    manage(env, "migrate", "-v0")
    manage(env, "createcachetable")
    begun = json.loads(
        manage(env, "shell", "--no-imports", stdin=BEGIN.format(size=SIZE, count=ROUNDS))
    )
    taken = []
    with web(env) as worker:
        for key in begun["keys"]:
            copied = copy(source, data / "copied")
            os.sync()
            with Memory(worker) as memory:
                sent = upload(port, begun["session"], key, source)
            got = manage(env, "shell", "--no-imports", stdin=CHECK.format(key=key))
            if got != wanted:
                sys.exit(f"The checksum is {got or 'unknown'}, not {wanted}.")
            (data / "footage" / "sources" / key).unlink()
            os.sync()
            taken.append(Taken(sent, copied, memory.most - memory.before))
    return taken


@measurement("uploads")
def uploads(_clips: Path, folder: Path) -> Iterator[Figure]:
    """The upload's speed by the copy's, in the middle of some rounds, and what it takes."""
    taken = rounds(folder)
    mib = SIZE / 1024**2
    group = f"an upload of {SIZE / 1024**3:g} GiB over loopback"
    yield Figure(group, "upload", mib / statistics.median(one.upload for one in taken), "MiB/s")
    yield Figure(group, "plain copy", mib / statistics.median(one.copy for one in taken), "MiB/s")
    share = statistics.median(one.share for one in taken)
    yield Figure(group, "upload by plain copy", share, least=LEAST_SHARE)
    growth = max(one.growth for one in taken) / 1024**2
    yield Figure(group, "the web server grew by", growth, "MiB", most=MOST_GROWTH)
