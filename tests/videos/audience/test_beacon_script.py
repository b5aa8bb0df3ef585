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

from studio.ranges import seconds, union
from tests.e2e.chromium import find
from tests.e2e.conftest import FLAGS
from videos.audience.tracking.beacon import BeaconReport, parse_report

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SCRIPT = Path("videos/audience/static/audience/beacon.js")
PAGE = """<!doctype html><title>Video</title>
<video data-video="v-1" muted src="/video.webm" width="160" height="90"></video>
<script type="module" src="/beacon.js" data-beacon-url="/api/v1/views/"></script>
"""
# The clocks that a test sets forward: `skip.page` the monotonic one, `skip.wall` the other.
CLOCKS = """
window.skip = { page: 0, wall: 0 };
const [pageNow, wallNow] = [performance.now.bind(performance), Date.now.bind(Date)];
performance.now = () => pageNow() + window.skip.page;
Date.now = () => wallNow() + window.skip.wall;
"""
HALF_AN_HOUR = 30 * 60_000  # milliseconds


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
        self.reports: list[BeaconReport] = []
        self.refusals: list[tuple[int, dict[str, str]]] = []  # what comes next, before any 204
        self.asked = 0
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

    def skip(self, *, page: int = 0, wall: int = 0) -> None:
        """Sets the page's clocks forward, by milliseconds."""
        self.act(f"skip.page += {page}; skip.wall += {wall};")

    @property
    def played(self):
        return union(pair for report in self.reports for pair in report.ranges)

    @property
    def views(self) -> dict[str, list[BeaconReport]]:
        """The reports of each view in their order, views in the order of their arrival."""
        views: dict[str, list[BeaconReport]] = {}
        for report in sorted(self.reports, key=lambda report: report.seq):
            views.setdefault(report.view, []).append(report)
        return views

    @property
    def begun(self) -> list[tuple[str, str]]:
        """The ids and keys that the tab keeps for a yes."""
        kept = self.page.evaluate("JSON.parse(sessionStorage.getItem('views-begun') ?? '[]')")
        return [(view, key) for view, key, _at in kept]


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
        self.site.asked += 1
        if self.site.down:
            self.close_connection = True
            return
        if self.site.refusals:
            status, headers = self.site.refusals.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.site.reports.append(parse_report(self.path.rpartition("/")[2], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def site(browser, footage):
    context = browser.new_context()
    context.add_init_script(CLOCKS)
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
    [key] = {report.key for report in site.reports}
    assert len(key) >= 32
    assert sorted(report.seq for report in site.reports) == [0, 1]
    assert {(report.video, report.share) for report in site.reports} == {("v-1", None)}
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


@pytest.mark.parametrize("clock", ["page", "wall"])
def test_half_an_hour_without_playing_ends_a_view_by_either_clock(site, clock):
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.until("play", "pause")
    site.skip(**{clock: HALF_AN_HOUR})
    site.act("await v.play()")
    site.reach(2)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    first, second = sorted(site.views.values(), key=lambda sent: sent[-1].ranges[0][0])
    assert [report.seq for report in first] == [0, 1]
    assert [report.seq for report in second] == [0, 1]
    assert max(report.elapsed for report in second) < 60  # it starts anew
    # Nothing is lost between them, and nothing is in both.
    assert first[-1].ranges[-1][1] == second[-1].ranges[0][0]
    assert site.begun == [(began.view, began.key) for began, *_more in (first, second)]


def test_a_shorter_pause_is_within_one_view(site):
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.until("play", "pause")
    site.skip(page=HALF_AN_HOUR - 60_000, wall=HALF_AN_HOUR - 60_000)
    site.act("await v.play()")
    site.reach(2)
    site.act("v.pause()")
    site.until("pause", "pause")
    assert len(site.views) == 1
    assert len(site.played) == 1


def test_a_machine_that_slept_while_it_played_begins_another_view(site):
    """Nothing is paused then: the wall's clock alone jumps."""
    site.act("await v.play()")
    site.reach(1)
    site.skip(wall=HALF_AN_HOUR)
    site.reach(2)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    assert len(site.views) == 2
    assert len(site.played) == 1


def test_a_video_that_ended_and_is_played_again_later_is_another_view(site):
    site.act("v.currentTime = 18.5; await v.play()")
    site.until("ended")
    site.skip(page=HALF_AN_HOUR, wall=HALF_AN_HOUR)
    site.act("await v.play()")
    site.page.wait_for_timeout(1500)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    first, second = sorted(site.views.values(), key=lambda sent: -sent[-1].ranges[0][0])
    assert first[-1].event == "ended"
    assert len(second[-1].ranges) == 1
    assert second[-1].ranges[0][0] < 0.3
    assert second[-1].ranges[0][1] < 4


def test_a_video_that_ended_and_is_played_again_at_once_is_the_same_view(site):
    site.act("v.currentTime = 18.5; await v.play()")
    site.until("ended")
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.until("ended", "pause")
    assert len(site.views) == 1
    assert len(site.played) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_told_to_come_later_does_and_loses_nothing(site, status):
    site.refusals = [(status, {"Retry-After": "2"})]
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    assert (site.asked, site.reports) == (1, [])  # the pause waits, too
    site.until("retry")
    [only] = site.reports
    assert float(seconds(only.ranges)) >= 0.9


def test_a_server_that_broke_is_asked_again_without_a_word_of_when(site):
    site.page.evaluate(
        "window.setTimeout = ((set) => (act, wait) => set(act, wait / 20))(setTimeout)"
    )
    site.refusals = [(500, {}), (502, {})]
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    for _ in range(100):  # the tries go on while it plays, and the last one tells all
        if site.asked >= 3 and float(seconds(site.played)) >= 0.9:
            break
        site.page.wait_for_timeout(100)
    assert site.asked >= 3
    assert float(seconds(site.played)) >= 0.9


def test_a_no_ends_the_view_and_playing_on_begins_another(site):
    say = "document.documentElement.dataset.consent = "
    site.act(say + "'unasked'")
    site.act("await v.play()")
    site.reach(1)
    site.act(say + "'declined'")
    site.reach(2)
    site.act("v.pause()")
    site.until("pause", "pause")  # of either view
    before, after = site.views.values()
    assert before[0].view != after[0].view
    assert before[-1].ranges[-1][1] <= after[-1].ranges[0][0] + 0.001
    assert float(seconds(union(pair for report in before for pair in report.ranges))) < 1.6


def test_an_answer_that_becomes_known_late_ends_no_view(site):
    site.act("await v.play()")
    site.reach(0.5)
    site.act("document.documentElement.dataset.consent = 'declined'")
    site.reach(1)
    site.act("v.pause()")
    site.until("pause")
    assert len(site.views) == 1


def test_who_leaves_while_told_to_wait_is_reported(site):
    site.refusals = [(429, {"Retry-After": "600"})]
    site.act("await v.play()")
    site.reach(1)
    site.page.goto("about:blank")
    site.page.wait_for_timeout(500)
    assert float(seconds(site.played)) >= 0.7


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_stops_the_view_and_not_the_next_one(site, status):
    site.refusals = [(status, {})]
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    assert (site.asked, site.reports) == (1, [])
    site.skip(wall=HALF_AN_HOUR)
    site.act("await v.play()")
    site.reach(2)
    site.act("v.pause()")
    site.until("play", "pause")
    assert site.asked == 3


def test_what_an_earlier_view_could_not_tell_is_told_later(site):
    site.down = True
    site.act("await v.play()")
    site.reach(1)
    site.act("v.pause()")
    site.skip(wall=HALF_AN_HOUR)
    site.act("await v.play()")
    site.reach(2)
    site.act("v.pause()")
    site.page.wait_for_timeout(300)
    assert site.reports == []
    site.down = False
    site.act("window.dispatchEvent(new Event('online'))")
    site.page.wait_for_timeout(500)
    assert len(site.views) == 2
    assert float(seconds(site.played)) >= 1.9


def test_a_page_that_comes_back_tells_again_what_nobody_confirmed(site):
    """In the back-forward cache, or behind another tab: the beacon may have been refused."""
    site.act("await v.play()")
    site.reach(1)
    site.refusals = [(429, {})]
    site.act(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' });"
        "window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));"
        "v.pause();"
    )
    site.page.wait_for_timeout(300)
    site.act("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    site.page.wait_for_timeout(500)
    assert len(site.views) == 1
    assert float(seconds(site.played)) >= 0.9


def test_a_change_of_speed_leaves_no_gap(site):
    site.act("await v.play()")
    for rate in (2, 0.5, 4, 1):
        site.page.wait_for_timeout(400)
        site.act(f"v.playbackRate = {rate}")
    site.page.wait_for_timeout(400)
    site.act("v.pause()")
    site.until("pause")
    assert len(site.played) == 1


def test_a_background_tab_with_few_ticks_loses_nothing(site):
    """The browser says “timeupdate” once in a while only; double speed makes each step long."""
    site.act(
        "addEventListener('timeupdate', (e) => Math.random() < 0.9 && e.stopImmediatePropagation(),"
        " true); v.playbackRate = 2; await v.play()"
    )
    site.reach(8)
    site.act("v.playbackRate = 1")
    site.reach(9)
    site.act("v.pause()")
    site.until("pause")
    assert len(site.played) == 1
    assert float(seconds(site.played)) >= 8.9


def test_a_report_has_three_hundred_ranges_at_most(site):
    result = site.page.evaluate(
        """async () => {
            const { grow } = await import('/beacon.js');
            let ranges = [];
            for (let i = 0; i < 5; i++) ranges = grow(ranges, i, i + 0.5);
            return [ranges.length, grow(ranges, 0, 5)];
        }"""
    )
    assert result == [5, [[0, 5]]]


def test_a_visitor_who_jumps_about_keeps_what_was_played_and_no_more_ranges(site):
    """Three hundred and ten stretches, of which the last ten are one range too many."""
    site.act(
        "for (let i = 0; i < 310; i++) {"
        "  Object.defineProperty(v, 'currentTime', { value: i / 16, configurable: true });"
        "  v.dispatchEvent(new Event('emptied'));"
        "  v.dispatchEvent(new Event(i ? 'playing' : 'play'));"
        "  Object.defineProperty(v, 'currentTime', { value: i / 16 + 0.01, configurable: true });"
        "  v.dispatchEvent(new Event('timeupdate'));"
        "}"
        "v.dispatchEvent(new Event('pause'));"
    )
    site.until("pause")
    last = max(site.reports, key=lambda report: report.seq)
    assert len(last.ranges) == 300
    assert last.ranges[-1] == (18.688, 18.698)


def test_the_tab_keeps_twenty_ids_of_a_day_until_the_visitor_answered(site):
    def begin():
        site.act(
            f"skip.wall += {HALF_AN_HOUR}; v.dispatchEvent(new Event('play'));"
            "v.dispatchEvent(new Event('pause'))"
        )

    for _ in range(22):
        begin()
    site.until(*["play"] * 22)
    assert len(set(site.begun)) == 20
    assert set(site.begun) <= {(report.view, report.key) for report in site.reports}
    site.skip(wall=24 * 2 * HALF_AN_HOUR)
    begin()
    [last] = site.begun
    for answered in ("declined", "remembered", "signed-in"):
        site.act(f"document.documentElement.dataset.consent = '{answered}'")
        begin()
    assert site.begun == [last]


def test_the_wait_follows_the_server_within_bounds_and_is_spread(site):
    result = site.page.evaluate(
        """async () => {
            const { waitFor } = await import('/beacon.js');
            const now = Date.parse('2026-11-26T10:00:00Z');
            const date = 'Thu, 26 Nov 2026 10:00:30 GMT';
            return [
                ...['7', '0', '99999999', date, 'soon', null].map((it) => waitFor(it, 0, now, 0)),
                ...[1, 2, 99].map((failures) => waitFor(null, failures, now, 0)),
                waitFor('100', 0, now, 1),
            ];
        }"""
    )
    own = [10_000, 20_000, 300_000]
    assert result == [7000, 1000, 3_600_000, 30_000, 5000, 5000, *own, 125_000]
