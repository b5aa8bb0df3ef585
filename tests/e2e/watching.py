"""What a viewer does with the player of a page."""

import re
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

# The page's policy allows no eval, which Playwright's own waiting for a condition needs.
REACH = """(video, second) => new Promise((resolve, reject) => {
  const look = () => video.currentTime > second && resolve();
  video.addEventListener("timeupdate", look);
  look();
  setTimeout(() => reject(new Error(`at ${video.currentTime} s after half a minute`)), 30_000);
})"""


def playing(page: Page) -> Locator:
    """The page's video element."""
    return page.locator("video[data-video]")


def start_button(page: Page) -> Locator:
    """The big button over the poster."""
    return page.get_by_role("button", name=re.compile("^Play “"))


def reach(page: Page, second: float) -> None:
    """Waits until the video plays beyond `second`."""
    playing(page).evaluate(REACH, second)


def play(page: Page, *, until: float) -> None:
    """Presses the visible play button and watches beyond that second."""
    start_button(page).click()
    reach(page, until)


def eventually(check: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Asks ten times a second until `check` holds; raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"Not within {seconds} s: {what}"
        time.sleep(0.1)
