"""A large upload through the real uploader, interrupted three times: `make upload-trial`.

The connection is cut at a quarter, the page is left at the half and the file chosen again, the web
server is killed at three quarters; at the end the stored file has the checksum of the sent one.
`UPLOAD_TRIAL_BYTES` (6 GiB) is its size, `UPLOAD_TRIAL_DIR` where it and the studio lie. With
`S3_BUCKET` set (say by `python -m tests.s3 …`) it goes to S3. Prints JSON.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.e2e import chromium
from tests.e2e.proxy import Proxy
from tests.e2e.running import (
    PASSWORD,
    Studio,
    answers,
    employ,
    end,
    free_port,
    prepared,
    start,
    wait_until,
)
from tests.e2e.screenshots import FLAGS

SIZE = int(os.environ.get("UPLOAD_TRIAL_BYTES", 6 * 1024**3))
PIECE = 4 * 1024**2
PATIENCE = 3600  # seconds for the whole of it
PRODUCER = "producer@studio.example"
VIDEO = """
from videos.planning.models import Video
print(Video.objects.create(title="A large one", stage="editing").pk)
"""
STORED = """
import hashlib, json
from videos.media.models import Cut, Upload, footage
cut = Cut.objects.get()
with footage().open(cut.source.name) as source:
    read = hashlib.file_digest(source, "sha256").hexdigest()
print(json.dumps([cut.source_bytes, cut.sha256, read, Upload.objects.count()]))
"""


def made(path: Path) -> str:
    """Random bytes; returns their checksum."""
    total = hashlib.sha256()
    with path.open("wb") as file:
        for start_at in range(0, SIZE, PIECE):
            piece = os.urandom(min(PIECE, SIZE - start_at))
            total.update(piece)
            file.write(piece)
    return total.hexdigest()


def forget(folder: Path, over: threading.Event) -> None:
    """Now and then: what is written and read lies on the disk, and need not stay in memory."""
    while not over.wait(1):
        for path in [*folder.glob("*.mp4"), *folder.glob("data/footage/sources/*")]:
            with suppress(OSError), path.open("rb") as file:
                os.fdatasync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def percent(page: Page) -> int:
    """How far the uploader says it is; -1 while it says nothing."""
    progress = page.locator(".media-uploads__one progress")
    try:
        return int(progress.evaluate("element => element.value", timeout=2000))
    except Error:
        return -1


def reach(page: Page, wanted: int) -> None:
    """Waits until so many percent are there."""
    wait_until(lambda: percent(page) >= wanted, seconds=PATIENCE, what=f"{wanted} %")
    say(f"{percent(page)} %")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def sign_in(page: Page) -> None:
    page.goto("/admin/login/")
    page.get_by_label("E-mail address").fill(PRODUCER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")


def run(
    page: Page, studio: Studio, proxy: Proxy, source: Path, restart: Callable[[], None]
) -> None:
    """The upload with its three interruptions."""
    video = studio.manage("shell", "--no-imports", stdin=VIDEO).strip()
    sign_in(page)
    page.goto(f"/admin/videos/inspect/{video}/")
    row = page.locator(".media-uploads__one")
    page.get_by_label("Choose video files").set_input_files(source)
    reach(page, 25)
    say("the connection is cut")
    proxy.cut()
    expect(row).to_contain_text("Offline", timeout=120_000)
    proxy.mend()
    reach(page, 50)
    say("the page is left")
    page.reload()
    expect(row).to_contain_text("Choose the same file again to resume.", timeout=120_000)
    say(row.inner_text().replace("\n", " | "))
    page.get_by_label("Choose video files").set_input_files(source)
    reach(page, 75)
    say("the web server is killed")
    restart()
    expect(page.locator(".media-cut")).to_have_count(1, timeout=PATIENCE * 1000)
    say("stored")


def trial(work: Path, binary: str) -> dict[str, object]:
    source = work / "large.mp4"
    say(f"making {SIZE / 1024**3:.1f} GiB")
    wanted = made(source)
    data = work / "data"
    data.mkdir()
    kept = {name: value for name, value in os.environ.items() if name.startswith("S3_")}
    port = free_port()
    proxy = Proxy(port)
    # A bucket lets pages of this address alone send to it.
    kept |= {"PORT": str(port), "BASE_URL": proxy.url}
    studio = prepared(data, MAX_UPLOAD_BYTES=str(2 * SIZE), **kept)
    employ(studio, ("Producer", PRODUCER, "Producer"))
    processes = {name: start(studio, name) for name in ("web", "worker")}

    def restart() -> None:
        os.killpg(processes["web"].pid, signal.SIGKILL)
        processes["web"].wait()
        processes["web"] = start(studio, "web")

    health = f"{studio.url}/healthz"
    begun = time.monotonic()
    try:
        wait_until(lambda: answers(health), seconds=60, what="the site answers")
        with closing(proxy), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
            page = browser.new_context(base_url=proxy.url, locale="en-GB").new_page()
            page.on("dialog", lambda dialog: dialog.accept())
            begun = time.monotonic()
            run(page, studio, proxy, source, restart)
            seconds = time.monotonic() - begun
            browser.close()
            passed = proxy.passed
        told = studio.manage("shell", "--no-imports", stdin=STORED)
    finally:
        for process in processes.values():
            end(process)
    size, said, read, uploads = json.loads(told)
    return {
        "bytes": SIZE,
        "seconds": round(seconds, 1),
        "interruptions": ["connection cut", "page left", "web server killed"],
        "bytes_over_the_line": passed,
        "sent_sha256": wanted,
        "stored_sha256": read,
        "uploads": uploads,
        "equal": (size, said, read) == (SIZE, wanted, wanted),
    }


def main() -> int:
    """Prints what came of it; the exit status is 0 if the checksums are equal."""
    binary = chromium.find()
    if binary is None:
        print("No Chromium: type make chromium.", file=sys.stderr)
        return 1
    work = Path(tempfile.mkdtemp(prefix="upload-trial-", dir=os.environ.get("UPLOAD_TRIAL_DIR")))
    over = threading.Event()
    threading.Thread(target=forget, args=[work, over], daemon=True).start()
    try:
        result = trial(work, binary)
    finally:
        over.set()
        shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(result, indent=1))
    return 0 if result["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
