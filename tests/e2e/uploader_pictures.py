"""Takes pictures of the uploader in each of its states: `python -m tests.e2e.uploader_pictures`.

In both widths, light and dark, to `var/screenshots/uploader-*.png`, over a line that is slow
enough to look at.
"""

import random
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e import chromium
from tests.e2e.proxy import Proxy
from tests.e2e.running import PASSWORD, Studio, employ, prepared, running
from tests.e2e.screenshots import FLAGS, PICTURES, WIDTHS

VIDEO = """
from videos.planning.models import Video
print(Video.objects.create(title="How long will our line stand still?", stage="editing").pk)
"""
PRODUCER = "producer@studio.example"
SLOW = 1024**2  # bytes per second
MOST = 64 * 1024**2  # bytes of a file, as the studio takes it


def films(folder: Path, take: int) -> dict[str, Path]:
    """Files of the same names and other bytes for each take: the same ones would be noticed."""
    sizes = {
        "Interview Ingrid.mov": 40,
        "B-roll of the line.mp4": 12,
        "Too long.mp4": 80,
        "Intro.mp4": 1,
    }
    made = {}
    for seed, (name, mib) in enumerate(sizes.items()):
        made[name] = folder / name
        made[name].write_bytes(random.Random(f"{take} {seed}").randbytes(mib * 1024**2))
    return made


class Camera:
    """A producer's page in one width and one scheme of colours."""

    def __init__(self, browser: Browser, url: str, width: int, scheme: str) -> None:
        self.name = f"{width}-{scheme}"
        size = {"width": width, "height": WIDTHS[width]}
        context = browser.new_context(
            base_url=url, viewport=size, locale="en-GB", color_scheme=scheme
        )
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.goto("/admin/login/")
        self.page.get_by_label("E-mail address").fill(PRODUCER)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/")

    def take(self, state: str) -> None:
        panel = self.page.locator("#cuts").first
        panel.scroll_into_view_if_needed()
        path = PICTURES / f"uploader-{state}-{self.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        panel.screenshot(path=path, animations="disabled")
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        note = f" scrolls {wide} px sideways" if wide > 0 else ""
        print(f"{path.name}{note}", file=sys.stderr)


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Choose video files").set_input_files(paths)


def row(page: Page, name: str):
    return page.locator(".media-uploads__one").filter(has_text=name)


def states(camera: Camera, studio: Studio, proxy: Proxy, made: dict[str, Path]) -> None:
    """Idle, several, paused, refused, away, left, gone on with, twin."""
    page = camera.page
    video = studio.manage("shell", "--no-imports", stdin=VIDEO).strip()
    page.goto(f"/admin/videos/inspect/{video}/")
    camera.take("idle")
    choose(page, made["Intro.mp4"])
    expect(page.locator(".media-cut")).to_have_count(1, timeout=60_000)
    proxy.slow_to = SLOW
    choose(page, made["Interview Ingrid.mov"], made["B-roll of the line.mp4"], made["Too long.mp4"])
    expect(row(page, "Interview")).to_contain_text("left", timeout=30_000)
    camera.take("several")
    page.get_by_role("button", name="Pause Interview Ingrid.mov").click()
    expect(row(page, "Interview")).to_contain_text("Paused")
    camera.take("paused")
    proxy.cut()
    expect(row(page, "B-roll")).to_contain_text("Offline", timeout=30_000)
    camera.take("away")
    proxy.mend()
    proxy.slow_to = None
    page.reload()
    expect(row(page, "Interview")).to_contain_text("Choose the same file again")
    camera.take("left")
    proxy.slow_to = SLOW
    choose(page, made["Interview Ingrid.mov"])
    expect(row(page, "Interview").filter(has_text=" left")).to_have_count(1, timeout=30_000)
    camera.take("resumed")
    page.get_by_role("button", name="Cancel Interview Ingrid.mov").click()
    proxy.slow_to = None
    choose(page, made["Intro.mp4"])
    expect(row(page, "Intro.mp4")).to_contain_text("was already uploaded", timeout=60_000)
    camera.take("twin")
    page.context.close()


def main() -> int:
    binary = chromium.find()
    if binary is None:
        print("No Chromium: type make chromium.", file=sys.stderr)
        return 1
    work = Path(tempfile.mkdtemp(prefix="uploader-"))
    (work / "data").mkdir()
    studio = prepared(work / "data", UPLOAD_CHUNK_BYTES=str(1024**2), MAX_UPLOAD_BYTES=str(MOST))
    with running(studio), closing(Proxy(int(studio.env["PORT"]))) as proxy:
        employ(studio, ("Producer", PRODUCER, "Producer"))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
            for width in WIDTHS:
                for scheme in ("light", "dark"):
                    made = films(work, 2 * width + len(scheme))
                    proxy.slow_to = None
                    states(Camera(browser, proxy.url, width, scheme), studio, proxy, made)
            browser.close()
    shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
