"""The beacon's script in a real browser, on a page with nothing else and a video of 20 s."""

import contextlib
import json
import re
import subprocess
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Page, sync_playwright

from tests.e2e.chromium import find
from tests.e2e.conftest import FLAGS
from videos.audience.beacon import Report, read
from videos.audience.ranges import seconds, union

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SCRIPT = Path("videos/audience/static/audience/beacon.js")
PAGE = """<!doctype html><title>Video</title>
<video data-video="v-1" muted src="/video.webm" width="160" height="90"></video>
<script type="module" src="/beacon.js" data-beacon-url="/api/v1/views/" data-share="tok"></script>
"""


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    path = tmp_path_factory.mktemp("footage") / "video.webm"
    source = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate=10:duration=20"]
    encoder = ["-c:v", "libvpx", "-g", "5", "-b:v", "100k", str(path)]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *source, *encoder], check=True)
    return path.read_bytes()


@pytest.fixture(scope="module")
def browser():
    path = find()
    if path is None:
        pytest.fail("No Chromium: run `make test`, which installs it or says how.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


class Site:
    """Serves the page with its video, and takes its beacons unless it is down."""

    def __init__(self, page: Page, footage: bytes) -> None:
        self.page = page
        self.reports: list[Report] = []
        self.down = False
        self.files = {
            "/": ("text/html", PAGE.encode()),
            "/beacon.js": ("text/javascript", SCRIPT.read_bytes()),
            "/video.webm": ("video/webm", footage),
        }
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{self.server.server_port}/")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def act(self, script: str) -> None:
        self.page.evaluate(
            f"(async () => {{ const v = document.querySelector('video'); {script} }})()"
        )

    def reach(self, position: float) -> None:
        wanted = f"document.querySelector('video').currentTime >= {position}"
        self.page.wait_for_function(wanted, timeout=30_000)

    def until(self, *events: str) -> None:
        """Waits until the last reports are of these events, in whichever order they arrived."""
        for _ in range(100):
            sent = [report.event for report in sorted(self.reports, key=lambda report: report.seq)]
            if tuple(sent[-len(events) :]) == events:
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"{events} did not come, but {sent}")

    @property
    def played(self):
        return union(pair for report in self.reports for pair in report.ranges)


class Handler(BaseHTTPRequestHandler):
    """One request to the site."""

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        kind, whole = self.site.files.get(self.path, ("text/plain", b""))
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        part = whole[start : int(wanted[2]) + 1 if wanted and wanted[2] else None]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(part)))
        if wanted:
            last = start + len(part) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(whole)}")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(part)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.site.down:
            self.close_connection = True
            return
        self.site.reports.append(read(self.path.rpartition("/")[2], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def site(browser, footage):
    context = browser.new_context()
    site = Site(context.new_page(), footage)
    yield site
    context.close()
    site.close()


def test_a_page_that_is_not_played_reports_nothing(site):
    site.page.wait_for_timeout(500)
    assert site.reports == []


def test_what_was_played_is_reported_by_one_view_in_order(site):
    site.act("await v.play()")
    site.reach(2)
    site.act("v.pause()")
    site.until("play", "pause")
    assert len({report.view for report in site.reports}) == 1
    assert sorted(report.seq for report in site.reports) == [0, 1]
    assert {(report.video, report.share) for report in site.reports} == {("v-1", "tok")}
    assert max(report.elapsed for report in site.reports) >= 1.5
    ((start, end),) = site.played
    assert start == 0
    assert 2 <= end < 4


def test_what_was_jumped_over_is_not_reported(site):
    site.act("await v.play()")
    site.reach(1.5)
    site.act("v.currentTime = 15")
    site.reach(16.5)
    site.act("v.pause()")
    site.until("pause")
    before, after = site.played
    assert before[0] == 0
    assert before[1] < 4
    assert 14.9 <= after[0] <= 15.3
    assert 16.5 <= after[1] < 19


def test_a_video_played_to_its_end_is_watched_whole_at_any_speed(site):
    site.act("v.playbackRate = 4; await v.play()")
    site.until("ended")
    assert float(seconds(site.played)) == pytest.approx(20, abs=0.3)


def test_a_playing_video_reports_before_it_is_paused(site):
    site.act("await v.play()")
    site.until("play", "playing")
    assert float(seconds(site.played)) >= 3


def test_who_leaves_the_page_is_reported(site):
    site.act("await v.play()")
    site.reach(1)
    site.page.goto("about:blank")
    site.page.wait_for_timeout(500)
    assert site.reports[-1].event in {"hidden", "pagehide"}
    assert float(seconds(site.played)) >= 0.7


def test_what_could_not_be_sent_is_sent_when_the_network_is_back(site):
    site.down = True
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.page.wait_for_timeout(500)
    assert site.reports == []
    site.down = False
    site.act("window.dispatchEvent(new Event('online'))")
    site.until("online")
    assert float(seconds(site.played)) >= 0.7


def test_a_new_id_is_a_random_uuid_without_a_secure_context_too(site):
    ids = site.page.evaluate(
        """async () => {
            const { newId } = await import('/beacon.js');
            const plain = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };
            const source = newId.toString().replaceAll('crypto.', 'plain.');
            const insecure = new Function('plain', `return (${source})()`);
            return JSON.stringify([newId(), insecure(plain), insecure(plain)]);
        }"""
    )
    uuids = json.loads(ids)
    form = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(form, text) for text in uuids)
    assert len(set(uuids)) == 3
