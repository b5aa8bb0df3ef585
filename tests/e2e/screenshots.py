"""Takes pictures of the demo studio, to look at and for the README: `make screenshots`.

Runs the demo in `var/screenshots-data`, kept from time to time so that its footage is encoded
once. Writes each page in both widths to `var/screenshots/`, and the
README's two to `docs/screenshots/`.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e import chromium
from tests.e2e.watching import playing, reach, start_button

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "var" / "screenshots-data"
PICTURES = ROOT / "var" / "screenshots"
README_PICTURES = ROOT / "docs" / "screenshots"
WIDTHS = {1440: 900, 390: 844}
TALLEST = 2600  # pixels of a picture; what is below tells nothing new
# The admin scrolls inside the page.
TALL = """() => Math.max(...[document.documentElement, ...document.querySelectorAll("#main")].map(
  (element) => element.scrollHeight + element.getBoundingClientRect().top + scrollY))"""
LARGEST = 250_000  # bytes of one in the README
PATIENCE = 900  # seconds for the demo's footage
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]

# Who looks at which pages. A video's page is found through its list.
VISITS = {
    "nora": [
        "home",
        "videos",
        "calendar",
        "video",
        "cuts",
        "cut",
        "captions",
        "influence",
        "estimates",
    ],
    "henrik": ["home", "questions", "experts", "contacts", "deals", "deal", "budget", "influence"],
    "claire": ["home", "budget", "estimates", "expense", "entries", "lines"],
    "samuel": ["home", "influence", "budget", "deals"],
    "ingrid": ["home", "shoots", "book", "review", "share-links", "share", "influence", "views"],
}
PATHS = {
    "home": "",
    "book": "shoots/new/",
    "share": "share-links/new/",
    "estimates": "budget/estimates/",
    "expense": "budget/expenses/new/",
    "entries": "budget/entries/",
    "lines": "budget/lines/",
}
THROUGH_THE_QUEUE = {"cut": ["^Open cut"], "captions": ["^Open cut", "^Edit "]}
FIRST_OF = {"video": "videos/?q=laundry", "deal": "deals/?status=won"}


def answer(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read().decode()
    except OSError:
        return None


def wait_for(url: str, text: str = "") -> None:
    """Waits until an address answers with `text`."""
    end = time.monotonic() + PATIENCE
    while (told := answer(url)) is None or text not in told:
        if time.monotonic() > end:
            sys.exit(f"{url} did not say “{text}” within {PATIENCE} s.")
        time.sleep(1)


@contextmanager
def running_demo(data: Path) -> Iterator[str]:
    """The demo studio, with its address, until the end of the block."""
    port = os.environ.get("PORT", "8009")
    url = f"http://127.0.0.1:{port}"
    data.mkdir(parents=True, exist_ok=True)
    static = ROOT / "var" / "static"
    if static.is_dir() and not (data / "static").exists():
        (data / "static").symlink_to(static)
    env = {**os.environ, "DATA_DIR": str(data), "PORT": port, "BASE_URL": url}
    run = subprocess.Popen(
        [sys.executable, "-m", "studio.operations.run"], cwd=ROOT, env=env, stdout=sys.stderr
    )
    try:
        wait_for(f"{url}/healthz")
        print("Waiting for the footage …", file=sys.stderr)
        while waiting_footage(env):
            time.sleep(5)
        yield url
    finally:
        run.terminate()
        run.wait(timeout=30)


def waiting_footage(env: dict[str, str]) -> bool:
    """Whether the demo is still making footage."""
    code = "from studio.operations.demo.premiere import awaited; print(len(awaited()))"
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip() != "0"


def take(page: Page, path: Path) -> None:
    """A picture of the whole page, or of the upper part of a very long one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    seen = page.viewport_size
    assert seen
    tall = max(seen["height"], min(TALLEST, int(page.evaluate(TALL))))
    page.set_viewport_size({"width": seen["width"], "height": tall})
    page.screenshot(path=path, animations="disabled")
    page.set_viewport_size(seen)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    note = f" scrolls {wide} px sideways" if wide > 0 else ""
    print(f"{path.relative_to(ROOT)}{note}", file=sys.stderr)


def go(page: Page, name: str) -> None:
    """Opens a page by its name in VISITS."""
    if name in THROUGH_THE_QUEUE:
        page.goto("/admin/cuts/")
        for link in THROUGH_THE_QUEUE[name]:
            page.get_by_role("link", name=re.compile(link)).first.click()
            page.wait_for_load_state()
    elif name in FIRST_OF:
        page.goto(f"/admin/{FIRST_OF[name]}")
        page.locator("#main tbody td.title a, #main tbody a").first.click()
        page.wait_for_load_state()
    else:
        page.goto(f"/admin/{PATHS.get(name, f'{name}/')}")


def signed_in(browser: Browser, url: str, email: str, password: str) -> Page:
    """A page of somebody who works in the studio."""
    page = browser.new_context(base_url=url, locale="en-GB").new_page()
    page.goto("/admin/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
    return page


def staff(browser: Browser, url: str, password: str) -> None:
    """Each role's pages in both widths."""
    for who, names in VISITS.items():
        page = signed_in(browser, url, f"{who}@fernhill.example", password)
        for name in names:
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                go(page, name)
                take(page, PICTURES / f"{who}-{name}-{width}.png")
        page.context.close()


def public(browser: Browser, url: str) -> None:
    """The index and a video's page, light and dark, and the player at work."""
    for width, height in WIDTHS.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(
                base_url=url, viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.goto("/")
            take(page, PICTURES / f"public-index-{scheme}-{width}.png")
            page.locator(".cards a").first.click()
            page.wait_for_load_state()
            take(page, PICTURES / f"public-video-{scheme}-{width}.png")
            if scheme == "light":
                start_button(page).click()
                reach(page, 2)
                playing(page).evaluate("video => video.pause()")
                page.locator(".player").hover()
                take(page, PICTURES / f"public-playing-{width}.png")
            context.close()


def for_the_readme(source: Path, name: str, height: int) -> None:
    """The upper part of a picture with few colours and bytes."""
    README_PICTURES.mkdir(parents=True, exist_ok=True)
    path = README_PICTURES / name
    with Image.open(source) as picture:
        part = picture.convert("RGB").crop((0, 0, picture.width, min(height, picture.height)))
    for colours in (256, 128, 64, 32):
        part.quantize(colours, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)
        if path.stat().st_size < LARGEST:
            return
    sys.exit(f"{path} has more than {LARGEST} bytes.")


def main() -> int:
    binary = chromium.find()
    if binary is None:
        print("No Chromium: type make chromium.", file=sys.stderr)
        return 1
    with running_demo(DATA) as url, sync_playwright() as playwright:
        password = (DATA / "demo-password").read_text().strip()
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        public(browser, url)
        staff(browser, url, password)
        browser.close()
    for_the_readme(PICTURES / "samuel-influence-1440.png", "influence.png", 1100)
    for_the_readme(PICTURES / "public-video-light-1440.png", "video.png", 1100)
    return 0


if __name__ == "__main__":
    sys.exit(main())
