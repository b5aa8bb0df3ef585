"""A studio of its own: real web server, real worker, empty at first. Knows nothing of Django."""

import atexit
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "studio.sqlite3"
PASSWORD = "correct horse battery"
HIRING = """
from django.contrib.auth.models import Group
from studio.people.models import User
for role, email, name in {rows!r}:
    user = User.objects.create_user(email, "{password}", first_name="Chris", last_name=name)
    user.groups.add(Group.objects.get(name=role))
"""


@dataclass(frozen=True)
class Studio:
    """A running studio: where it answers, and how to run its commands."""

    url: str
    env: dict[str, str]
    consoles: list[subprocess.Popen[str]] = field(default_factory=list, compare=False, repr=False)

    def run(self, script: str, **named: str) -> str:
        """What a script prints that runs within the studio, with these variables to read.

        It runs in a console that stays open: each start of Python and Django takes two seconds.
        Raises RuntimeError with the script's traceback.
        """
        console = self.console()
        assert console.stdin
        assert console.stdout
        try:
            console.stdin.write(json.dumps({"script": script, "environ": named}) + "\n")
            console.stdin.flush()
            line = console.stdout.readline()
        except BaseException:  # such as a test's time limit: the answer is not for the next script
            self.close()
            raise
        if not line:
            raise RuntimeError(f"The console ended with {console.wait()}.")
        answer = json.loads(line)
        if answer["failure"]:
            raise RuntimeError(answer["failure"])
        return str(answer["said"])

    def command(self, *arguments: str) -> str:
        """What a management command prints, run like a script."""
        calling = "from django.core.management import call_command\n"
        return self.run(calling + f"call_command({', '.join(map(repr, arguments))})")

    def console(self) -> "subprocess.Popen[str]":
        """The one console of this studio and its copies; it ends with us, at the latest."""
        if not self.consoles:
            self.consoles.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.e2e.console"],
                    cwd=ROOT,
                    env=self.env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        return self.consoles[0]

    def close(self) -> None:
        """Closes the console."""
        while self.consoles:
            with self.consoles.pop() as console:
                console.terminate()

    def manage(self, *arguments: str, stdin: str | None = None) -> str:
        """Standard output of a management command; raises CalledProcessError."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        ).stdout


def wait_until(check: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Asks ten times a second until `check` holds; fails the test with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            pytest.fail(f"Not within {seconds} s: {what}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def prepared(data: Path, **more: str) -> Studio:
    """A studio in a folder of its own, with more variables; nothing of it runs yet.

    It is on SQLite, unless they name a database.
    """
    port = free_port()
    env = {
        **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
        "DATA_DIR": str(data),
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": f"filemail:///{data}/mail",
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    studio = Studio(env["BASE_URL"], env)
    static = ROOT / "var" / "static"
    if static.is_dir():
        (data / "static").symlink_to(static)
    else:
        studio.manage("collectstatic", "--noinput", "-v0")
    if "DATABASE_URL" not in more:
        shutil.copyfile(migrated(), data / DATABASE)
    studio.command("migrate", "-v0")  # what it sets up of this studio's own
    return studio


@cache
def migrated() -> Path:
    """The database of an empty studio, made once: each of its tables takes a while.

    Once for all processes of a test run, which have TEST_SHARED_DIR in common.
    """
    if shared := os.environ.get("TEST_SHARED_DIR"):
        folder = Path(shared)
    else:
        folder = Path(tempfile.mkdtemp(prefix="closing-shot-empty-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ready = folder / "empty.sqlite3"
    with (folder / "empty.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            making = Path(tempfile.mkdtemp(dir=folder))
            migrate(making)
            (making / DATABASE).rename(ready)
    return ready


def migrate(data: Path) -> None:
    """Makes the database of an empty studio in a folder."""
    elsewhere = {"DATABASE_URL", "REDIS_URL", "S3_BUCKET"}
    env = {name: value for name, value in os.environ.items() if name not in elsewhere}
    settings = {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "studio.settings"}
    studio = Studio("", env | settings)
    studio.command("createcachetable")
    studio.command("migrate", "-v0")
    studio.close()


@cache
def procfile() -> dict[str, str]:
    """The commands that are shipped, by the name of the process."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def start(studio: Studio, name: str) -> subprocess.Popen[bytes]:
    """Starts the studio's `web` or `worker` as the Procfile does.

    What it says is in a file beside its data.
    """
    command = shlex.split(procfile()[name])
    with (Path(studio.env["DATA_DIR"]) / f"{name}.log").open("a") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=studio.env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that `start` started, with all it started."""
    process.terminate()  # it alone: a cluster whose workers are told, too, does not end
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running(studio: Studio) -> Iterator[Studio]:
    """The studio with its web server and its worker, and at the end what they said."""
    processes = [start(studio, name) for name in ("web", "worker")]
    try:
        wait_until(lambda: answers(f"{studio.url}/healthz"), seconds=60, what="the site answers")
        yield studio
    finally:
        studio.close()
        for process in processes:
            end(process)
        data = Path(studio.env["DATA_DIR"])
        for name in ("web", "worker"):
            print(f"---- {name}\n{(data / f'{name}.log').read_text()[-6000:]}")
        shutil.rmtree(data, ignore_errors=True)


def employ(studio: Studio, *people: tuple[str, str, str]) -> None:
    """Makes users: (role, e-mail address, last name) of each."""
    script = HIRING.format(password=PASSWORD, rows=list(people))
    studio.run(script)
