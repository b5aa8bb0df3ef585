"""An upload through the real uploader, with the connection cut in the middle, to both places."""

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import hire
from tests.e2e.proxy import Proxy
from tests.e2e.running import Studio, free_port, prepared, running, wait_until
from tests.s3 import endpoint
from tests.videos.media.conftest import X264, lavfi

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.slow]
VIDEO = """
from videos.planning.models import Video
print(Video.objects.create(title="{title}", stage="editing").pk)
"""
CUTS = """
import json
from hashlib import file_digest
from videos.media.models import Cut
cuts = enumerate(Cut.objects.filter(video={video}).order_by("pk"), 1)
stored = lambda cut: file_digest(cut.source.open(), "sha256").hexdigest()
print(json.dumps([[n, cut.source_name, cut.sha256, stored(cut)] for n, cut in cuts]))
"""
EXPIRE = """
from videos.media.models import Upload
from videos.media.uploads.intake import end
waiting = Upload.objects.filter(state="receiving", name="{name}")
print(sum(end(upload, Upload.State.EXPIRED, only=waiting) for upload in waiting))
"""
KEEP = """
from videos.media.models import Upload
from videos.media.uploads.intake import keep_duplicate
print(sum(keep_duplicate(upload) for upload in Upload.objects.filter(state="twin", name="{name}")))
"""
PIECE = 512 * 1024


class Line:
    """A studio behind a line that can be cut, and the same for its S3, if it has one."""

    def __init__(self, studio: Studio, proxy: Proxy, to_s3: Proxy | None) -> None:
        self.studio = studio
        self.proxy = proxy
        self.carries = to_s3 or proxy  # the bytes of sources

    def video(self, title: str) -> int:
        return int(self.studio.run(VIDEO.format(title=title)))

    def cuts(self, video: int) -> list[list[object]]:
        told = self.studio.run(CUTS.format(video=video))
        return json.loads(told)


@pytest.fixture(scope="module", params=["disk", "s3"])
def line(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Line]:
    more, to_s3, served = {"UPLOAD_CHUNK_BYTES": str(PIECE)}, None, None
    if request.param == "s3":
        served = endpoint(tmp_path_factory.mktemp("s3"))
        s3 = served.__enter__()
        to_s3 = Proxy(int(s3.url.rsplit(":", 1)[1]))
        more |= {**s3.environ, "S3_PUBLIC_ENDPOINT_URL": to_s3.url}
    port = free_port()
    proxy = Proxy(port)  # the bucket lets pages of this address alone send to it
    more |= {"PORT": str(port), "BASE_URL": proxy.url}
    studio = prepared(tmp_path_factory.mktemp("studio"), **more)
    try:
        with running(studio):
            hire(studio)
            yield Line(studio, proxy, to_s3)
    finally:
        proxy.close()
        if to_s3 and served:
            to_s3.close()
            served.__exit__(None, None, None)


@pytest.fixture
def studio(line: Line) -> Studio:
    """The browser reaches it through the line."""
    return replace(line.studio, url=line.proxy.url)


@pytest.fixture
def page(sign_in: Callable[..., Page]) -> Page:
    return sign_in(f"{Role.PRODUCER.name.lower()}@studio.example")


def made(path: Path, size: int, seed: int = 1) -> Path:
    """Bytes that are no video: kept, and marked as such."""
    path.write_bytes(random.Random(seed).randbytes(size))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def choose(page: Page, *files: Path) -> None:
    page.get_by_label("Choose video files").set_input_files(files)


def row(page: Page, name: str):
    return page.locator(".media-uploads__one").filter(has_text=name)


def test_a_cut_connection_is_gone_on_with_and_nothing_is_lost(line, page, tmp_path, troubles):
    video = line.video("Cut in the middle")
    size = 3 * 1024**2 if line.carries is line.proxy else 34 * 1024**2
    talk = made(tmp_path / "talk.mp4", size)
    page.goto(f"/admin/videos/inspect/{video}/")
    line.carries.slow_to, line.carries.passed = size // 5, 0
    choose(page, talk)
    expect(row(page, "talk.mp4")).to_contain_text("Uploading")
    wait_until(lambda: line.carries.passed > size * 0.6, seconds=60, what="most is sent")
    line.carries.cut()
    expect(row(page, "talk.mp4")).to_contain_text("Offline", timeout=30_000)
    line.carries.slow_to = None
    line.carries.mend()
    expect(page.locator(".media-cut")).to_contain_text("talk.mp4", timeout=60_000)
    assert line.cuts(video) == [[1, "talk.mp4", sha256(talk), sha256(talk)]]
    assert line.carries.passed < size * 1.9
    troubles.clear()  # the browser complains about each request that the cut broke


def test_after_a_reload_the_same_file_goes_on_where_it_was(line, page, tmp_path, troubles):
    video = line.video("Left in the middle")
    size = 3 * 1024**2 if line.carries is line.proxy else 34 * 1024**2
    talk = made(tmp_path / "talk.mp4", size, seed=2)
    page.goto(f"/admin/videos/inspect/{video}/")
    line.carries.slow_to, line.carries.passed = size // 5, 0
    choose(page, talk)
    wait_until(lambda: line.carries.passed > size * 0.6, seconds=60, what="most is sent")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    line.carries.slow_to = None
    left = row(page, "talk.mp4")
    expect(left).to_contain_text("Choose the same file again to resume.")
    assert int(re.findall(r"(\d+) %", left.inner_text())[0]) > 0
    before = line.carries.passed
    renamed = talk.rename(tmp_path / "renamed.mp4")
    choose(page, renamed)
    expect(page.locator(".media-cut")).to_contain_text("talk.mp4", timeout=60_000)
    assert line.carries.passed - before < size * 0.95
    assert line.cuts(video) == [[1, "talk.mp4", sha256(renamed), sha256(renamed)]]
    troubles.clear()


def test_several_files_become_cuts_in_the_order_they_were_chosen(line, page, tmp_path):
    video = line.video("Three at once")
    sizes = (900_000, 90, 9000)
    files = [made(tmp_path / f"{n}.mp4", size, seed=n) for n, size in enumerate(sizes)]
    page.goto(f"/admin/videos/inspect/{video}/")
    choose(page, *files)
    expect(page.locator(".media-cut")).to_have_count(3, timeout=60_000)
    assert line.cuts(video) == [
        [n + 1, file.name, sha256(file), sha256(file)] for n, file in enumerate(files)
    ]


def test_a_file_that_waited_too_long_for_its_turn_is_announced_once_more(
    line, page, tmp_path, troubles
):
    video = line.video("Waited")
    size = 1024**2 if line.carries is line.proxy else 34 * 1024**2
    files = [made(tmp_path / name, size, seed=len(name)) for name in ("first.mp4", "next.mp4")]
    page.goto(f"/admin/videos/inspect/{video}/")
    line.carries.slow_to = size // 20
    choose(page, *files)
    expect(row(page, "next.mp4")).to_contain_text(re.compile("Waiting|Uploading"))
    expired = line.studio.run(EXPIRE.format(name="next.mp4"))
    line.carries.slow_to = None
    assert int(expired) == 1
    expect(page.locator(".media-cut")).to_have_count(2, timeout=60_000)
    assert {name for _number, name, *_sums in line.cuts(video)} == {"first.mp4", "next.mp4"}
    troubles.clear()


def test_a_file_whose_upload_stood_still_for_too_long_is_sent_once_more(
    line, page, tmp_path, troubles
):
    video = line.video("Stood still")
    size = 1024**2 if line.carries is line.proxy else 34 * 1024**2
    talk = made(tmp_path / "still.mp4", size, seed=6)
    page.goto(f"/admin/videos/inspect/{video}/")
    line.carries.slow_to, line.carries.passed = size // 20, 0
    choose(page, talk)
    wait_until(lambda: line.carries.passed > size / 10, seconds=60, what="some is sent")
    expired = line.studio.run(EXPIRE.format(name="still.mp4"))
    line.carries.slow_to = None
    assert int(expired) == 1
    expect(page.locator(".media-cut")).to_contain_text("still.mp4", timeout=60_000)
    assert line.cuts(video) == [[1, "still.mp4", sha256(talk), sha256(talk)]]
    troubles.clear()


def test_the_same_file_twice_is_noticed_and_offered(line, page, tmp_path):
    video = line.video("Twice")
    talk = tmp_path / "talk.mp4"
    lavfi("testsrc2=s=320x180:r=25", *X264)(talk)
    page.goto(f"/admin/videos/inspect/{video}/")
    choose(page, talk)
    expect(page.locator(".media-cut")).to_have_count(1, timeout=60_000)
    choose(page, talk)
    expect(row(page, "talk.mp4")).to_contain_text(
        "The same file was already uploaded, as cut 1.", timeout=60_000
    )
    page.get_by_role("button", name="Use cut 1").click()
    expect(page.locator(".media-uploads__one")).to_have_count(0)
    assert len(line.cuts(video)) == 1
    choose(page, talk)
    expect(row(page, "talk.mp4")).to_contain_text(
        "The same file was already uploaded, as cut 1.", timeout=60_000
    )
    page.reload()
    page.get_by_role("button", name="Keep it as a new cut").click()
    expect(page.locator(".media-cut")).to_have_count(2, timeout=60_000)
    assert len(line.cuts(video)) == 2


def test_who_answers_too_late_about_the_same_file_sees_what_became_of_it(
    line, page, tmp_path, troubles
):
    """As where the cut that was offered is removed meanwhile."""
    video = line.video("Too late")
    talk = tmp_path / "late.mp4"
    lavfi("testsrc2=s=320x180:r=24", *X264)(talk)
    page.goto(f"/admin/videos/inspect/{video}/")
    choose(page, talk)
    expect(page.locator(".media-cut")).to_have_count(1, timeout=60_000)
    choose(page, talk)
    expect(row(page, "late.mp4")).to_contain_text(
        "The same file was already uploaded, as cut 1.", timeout=60_000
    )
    assert int(line.studio.run(KEEP.format(name="late.mp4"))) == 1
    page.get_by_role("button", name="Use cut 1").click()
    expect(page.locator(".media-cut")).to_have_count(2, timeout=60_000)
    expect(page.locator(".media-uploads__one")).to_have_count(0)
    troubles.clear()


def test_an_upload_is_paused_gone_on_with_and_given_up(line, page, tmp_path, troubles):
    video = line.video("Paused")
    size = 3 * 1024**2 if line.carries is line.proxy else 34 * 1024**2
    talk = made(tmp_path / "talk.mp4", size, seed=9)
    page.goto(f"/admin/videos/inspect/{video}/")
    line.carries.slow_to, line.carries.passed = size // 8, 0
    choose(page, talk)
    upload = row(page, "talk.mp4")
    page.get_by_role("button", name="Pause talk.mp4").click()
    expect(upload).to_contain_text("Paused")
    page.get_by_role("button", name="Resume talk.mp4").click()
    expect(upload).to_contain_text("Uploading")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel talk.mp4").click()
    expect(page.locator(".media-uploads__one")).to_have_count(0)
    line.carries.slow_to = None
    page.reload()
    expect(page.get_by_label("Choose video files")).to_be_attached()
    expect(page.locator(".media-uploads__one")).to_have_count(0)
    assert line.cuts(video) == []
    troubles.clear()
