"""The studio that is attacked: its own database, web server and worker, as in production."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.attack.browser import Browser
from tests.e2e.running import Studio, answers, end, prepared, wait_until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
SCENE = "from tests.attack.scene import tell; tell()\n"
WEB = ["gunicorn", "--config", "python:studio.operations.webserver", "studio.wsgi"]


@dataclass
class Target:
    """A running studio, what it holds (see `scene.py`), and ways to look into it."""

    studio: Studio
    scene: dict[str, Any]
    data: Path
    database: str = ""
    signed: dict[str, Browser] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.studio.url

    def visitor(self, local: str = "127.0.0.1", **more: Any) -> Browser:
        """A browser that knows nothing yet."""
        return Browser(self.url, local=local, **more)

    def as_user(self, name: str) -> Browser:
        """A browser in which this person signed in, once and from a network of their own."""
        if name not in self.signed:
            names = list(self.scene["users"])
            browser = self.visitor(f"127.0.1.{names.index(name) + 1}")
            if not browser.sign_in(self.scene["users"][name], PASSWORD):
                raise AssertionError(f"{name} cannot sign in")
            self.signed[name] = browser
        return self.signed[name]

    def run(self, script: str) -> str:
        """Standard output of a script in the studio's shell."""
        return self.studio.run(script).strip()

    def influence(self, **asked: str) -> dict[str, Any]:
        """The influence report."""
        options = [part for name, value in asked.items() for part in (f"--{name}", value)]
        report: dict[str, Any] = json.loads(self.studio.command("influence", "--json", *options))
        return report

    def mails(self) -> list[str]:
        """Every mail that was sent so far."""
        return [path.read_text() for path in sorted((self.data / "mail").glob("*"))]


def environment(database: str, redis: str) -> dict[str, str]:
    """What the attacked studio is told beyond a folder and a port."""
    told = {"WEB_WORKERS": "2", "LOG_LEVEL": "WARNING"}
    if database:
        told["DATABASE_URL"] = database
    if redis:
        told["REDIS_URL"] = redis
    return told


@contextmanager
def database_of_its_own() -> Iterator[str]:
    """The address of a database on DATABASE_URL's server; nothing without one.

    It is empty, or a copy of the one that ATTACK_TEMPLATE names.
    """
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"attack_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as line:
        template = os.environ.get("ATTACK_TEMPLATE", "template1")
        line.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as line:
            line.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def started(command: list[str], studio: Studio, name: str) -> "subprocess.Popen[bytes]":
    """One of the studio's processes, its words in a file."""
    with (Path(studio.env["DATA_DIR"]) / f"{name}.log").open("a") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=studio.env, stdout=log, stderr=log, start_new_session=True
        )


@contextmanager
def target() -> Iterator[Target]:
    """A running studio with the scene in it; nothing of it is left afterwards."""
    data = Path(tempfile.mkdtemp(prefix="closing-shot-attacked-"))
    processes: list[subprocess.Popen[bytes]] = []
    studio: Studio | None = None
    with database_of_its_own() as database:
        try:
            studio = prepared(data, **environment(database, os.environ.get("REDIS_URL", "")))
            told = studio.run(SCENE)
            scene = json.loads(told.partition("SCENE ")[2])
            binary = str(Path(sys.executable).with_name("gunicorn"))
            processes = [
                started([binary, *WEB[1:]], studio, "web"),
                started([sys.executable, "manage.py", "qcluster"], studio, "worker"),
            ]
            wait_until(
                lambda: answers(f"{studio.url}/healthz"), seconds=60, what="the site answers"
            )
            yield Target(studio, scene, data, database)
        finally:
            if studio:
                studio.close()
            for process in processes:
                end(process)
            for name in ("web", "worker"):
                log = data / f"{name}.log"
                if log.is_file() and os.environ.get("ATTACK_LOGS"):
                    shutil.copy(log, Path(os.environ["ATTACK_LOGS"]) / f"{name}.log")
            shutil.rmtree(data, ignore_errors=True)


__all__ = ["PASSWORD", "Target", "target"]
