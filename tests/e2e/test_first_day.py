"""A company sets its studio up from nothing: in the browser alone, from the first start on.

The studio is started as it is on a server, without a demo, and keeps its files on S3. With
DATABASE_URL and REDIS_URL it runs on these servers, in a database of its own.
"""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, USER_AGENT, listen
from tests.e2e.running import DATABASE, ROOT, Studio, answers, migrated, wait_until
from tests.ports import free_port
from tests.s3 import Endpoint, endpoint

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e-first-day"), pytest.mark.slow]

TODAY = dt.datetime.now(dt.UTC).date()
COMPANY = "Fernhill Heat"
TITLE = "Is it hot enough for our brew kettle?"
COLLEAGUES = {
    "Producer": ("Nora", "Whitfield"),
    "Expert": ("Tomasz", "Wolny"),
    "Sales manager": ("Henrik", "Dahl"),
    "Finance": ("Claire", "Moreau"),
}
FILES = {
    "companies.csv": "company_id,name,domain\nK1,Harbour Street Bakery,bakery.example\n",
    "contacts.csv": ("contact_id,email,name,company_id\nC1,priya@bakery.example,Priya Raman,K1\n"),
    "deals.csv": (
        "deal_id,name,company_id,owner_email,status,stage,amount,currency,created_at,closed_at\n"
        "D1,Two oven lines,K1,tomasz@fernhill.example,open,Offer,86000,EUR,"
        "2026-03-01T09:00:00+01:00,\n"
        "D2,Cold room,K1,,perhaps,,5,EUR,2026-03-01T09:00:00+01:00,\n"
    ),
}


@pytest.fixture(scope="module")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A bucket without any rule for browsers."""
    with endpoint(tmp_path_factory.mktemp("s3")) as served:
        yield served


@pytest.fixture(scope="module")
def database() -> Iterator[dict[str, str]]:
    """The variables of a database of its own on the server of DATABASE_URL; none without one."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {}
        return
    import psycopg

    name = f"first_day_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        found = {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
        if redis := os.environ.get("REDIS_URL"):
            found["REDIS_URL"] = redis
        yield found
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def studio(
    tmp_path_factory: pytest.TempPathFactory, s3_endpoint: Endpoint, database: dict[str, str]
) -> Iterator[Studio]:
    """A studio that was just started, by what `make run` starts it with; `log` is what it said."""
    data, port = tmp_path_factory.mktemp("studio"), free_port()
    elsewhere = {"DATABASE_URL", "REDIS_URL"}
    env = {
        **{name: value for name, value in os.environ.items() if name not in elsewhere},
        **s3_endpoint.environ,
        **database,
        "DATA_DIR": str(data),
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": f"filemail:///{data}/mail",
        "DEMO": "0",
        "TIME_ZONE": "UTC",
        "CURRENCY": "EUR",
        "DJANGO_SETTINGS_MODULE": "studio.settings",
    }
    static = ROOT / "var" / "static"
    if static.is_dir():
        (data / "static").symlink_to(static)
    else:
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
            cwd=ROOT,
            env=env,
            check=True,
        )
    if not database:  # whose tables take a while to make
        (data / DATABASE).write_bytes(migrated().read_bytes())
    made = Studio(env["BASE_URL"], env)
    with (data / "studio.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "studio.operations.run"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(lambda: answers(f"{made.url}/healthz"), seconds=180, what="the site answers")
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        print((data / "studio.log").read_text()[-6000:])


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Pages of a studio that was just started take their time the first time."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def opened(browser: Browser, studio: Studio, troubles: list[str]) -> Iterator[Callable[[], Page]]:
    """`opened()` is a page in a browser of its own."""
    contexts = []

    def open_page() -> Page:
        context = browser.new_context(base_url=studio.url, user_agent=USER_AGENT, locale="en-GB")
        context.set_default_timeout(20_000)
        listen(context, troubles)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def press(page: Page, name: str) -> None:
    page.locator("#main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("#main").get_by_role("link", name=name).first.click()


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"#main [name='{name}']").fill(text)


def save(page: Page) -> None:
    page.locator("#main footer").get_by_role("button").first.click()
    expect(page.locator(".messages .success")).to_be_visible()


def step(page: Page, title: str) -> None:
    """From the home page to the screen of one of the first steps."""
    page.goto("/admin/")
    item = page.locator("#first-steps-section .desk-item").filter(has_text=title)
    expect(item).to_contain_text("to do")
    item.get_by_role("link").click()


def token_of(studio: Studio) -> str:
    """The token that the start printed."""
    said = (Path(studio.env["DATA_DIR"]) / "studio.log").read_text()
    found = re.search(r"Token: (\S+)", said)
    assert found, said
    return found[1]


def becomes_the_administrator(page: Page, token: str) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile("/admin/first-run/$"))
    fill(page, token=token, first_name="Ada", last_name="Byron", email="ada@fernhill.example")
    fill(page, password1=PASSWORD, password2=PASSWORD)
    press(page, "Make the administrator")
    expect(page.locator("#first-steps-section")).to_be_visible()


def names_the_company(page: Page) -> None:
    step(page, "The company's name")
    fill(page, company_name=COMPANY, accent="#0b5c4d")
    page.locator("#main footer").get_by_role("button").first.click()
    expect(page.locator(".messages .success")).to_be_visible()


def invites(page: Page) -> dict[str, str]:
    """Invites a colleague of each role; the links, by role."""
    links = {}
    for role, (first, _last) in COLLEAGUES.items():
        page.goto("/admin/invitations/new/")
        fill(page, email=f"{first.lower()}@fernhill.example")
        page.get_by_label(re.compile(f"{role}: ")).check()
        save(page)
        links[role] = page.get_by_label("The link, to pass on yourself").input_value()
    return links


def mails(studio: Studio) -> str:
    """All mails that were sent so far."""
    folder = Path(studio.env["DATA_DIR"]) / "mail"
    texts = (path.read_text() for path in folder.iterdir()) if folder.is_dir() else ()
    return "\n".join(texts).replace("=\n", "")


def accepts(page: Page, link: str, first: str, last: str) -> None:
    page.goto(link)
    fill(page, first_name=first, last_name=last, password1=PASSWORD, password2=PASSWORD)
    press(page, "Accept and sign in")
    expect(page.locator(".desk-hello")).to_contain_text(first)


def names_an_expert_and_a_place(page: Page) -> None:
    step(page, "Experts with their minutes")
    page.locator("#main select[name='user']").select_option(label="Tomasz Wolny")
    fill(page, minutes_a_month="30")
    save(page)
    step(page, "Places, crew and gear")
    page.locator("#main select[name='kind']").select_option(label="Place")
    fill(page, name="Boiler house studio")
    save(page)


def sets_up_the_year(page: Page) -> None:
    page.goto("/admin/budget/")
    follow(page, "Set up a fiscal year")
    expect(page.locator("[name='amount-0-3']")).to_be_visible()
    fill(page, **{"amount-0-0": "1000.50", "amount-0-1": "1,000", "amount-4-3": "250"})
    expect(page.locator("[data-budgets-year-target='total']")).to_have_text("2,250.50")
    page.locator("[name='amount-0-1']").fill("1000")
    press(page, "Set up the fiscal year")
    expect(page.locator(".messages .success")).to_contain_text("2,250.50")


def imports_deals(page: Page, folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text)
    step(page, "Contacts and deals")
    page.locator("input[type='file'][name='uploads']").set_input_files(
        [folder / name for name in FILES]
    )
    page.locator("#main footer").get_by_role("button").first.click()
    expect(page.locator("#main")).to_contain_text("1 row cannot be imported.")
    expect(page.locator("#main")).to_contain_text("is not open, won or lost")
    with page.expect_download() as download:
        follow(page, "Bad rows of deals.csv")
    mended = folder / "mended" / "deals.csv"
    mended.parent.mkdir()
    mended.write_text(Path(download.value.path()).read_text().replace("perhaps", "open"))
    press(page, "Import without this row")
    expect(page.locator("#main")).to_contain_text("Imported by Ada Byron.")
    page.goto("/admin/imports/new/")
    page.locator("input[type='file'][name='uploads']").set_input_files(mended)
    page.locator("#main footer").get_by_role("button").first.click()
    press(page, "Import")
    expect(page.locator("#main")).to_contain_text("Imported by Ada Byron.")
    page.goto("/admin/deals/")
    expect(page.locator("#main")).to_contain_text("Two oven lines")
    expect(page.locator("#main")).to_contain_text("Cold room")


def plans_the_first_video(page: Page) -> None:
    page.goto("/admin/videos/new/")
    fill(page, title=TITLE, planned_for=(TODAY + dt.timedelta(days=30)).isoformat())
    page.get_by_label("Tomasz Wolny").check()
    save(page)
    follow(page, TITLE)
    press(page, "Plan this video")
    expect(page.locator("#main")).to_contain_text("Planned")


def test_a_company_starts_from_nothing(studio, s3_endpoint, opened, tmp_path):
    began = time.monotonic()
    admin = opened()
    becomes_the_administrator(admin, token_of(studio))
    names_the_company(admin)
    links = invites(admin)
    wait_until(
        lambda: all(link in mails(studio) for link in links.values()), seconds=60, what="the mails"
    )
    pages = {}
    for role, (first, last) in COLLEAGUES.items():
        pages[role] = opened()
        accepts(pages[role], links[role], first, last)
    names_an_expert_and_a_place(admin)
    sets_up_the_year(pages["Finance"])
    imports_deals(admin, tmp_path)
    pages["Expert"].goto("/admin/deals/")
    expect(pages["Expert"].locator("#main")).to_contain_text("Two oven lines")  # it found its owner
    plans_the_first_video(pages["Producer"])

    admin.goto("/admin/")
    expect(admin.locator(".desk-hello")).to_be_visible()
    expect(admin.locator("#first-steps-section")).to_have_count(0)
    admin.goto("/admin/first-steps/")
    expect(admin.locator("#main")).to_contain_text("All steps are done.")
    stranger = opened()
    stranger.goto("/")
    expect(stranger.locator(".masthead")).to_contain_text(COMPANY)
    stranger.goto("/admin/first-run/")
    expect(stranger).to_have_url(re.compile("/admin/login/"))
    rules = s3_endpoint.client().get_bucket_cors(Bucket=s3_endpoint.bucket)["CORSRules"]
    assert any(studio.url in rule["AllowedOrigins"] for rule in rules)
    print(f"A studio from nothing to its first planned video: {time.monotonic() - began:.0f} s")
