"""A file that is refused: what its pages say fits them, and it is removed for all to see."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import Studio

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

VIDEO = """
from videos.planning.models import Video
print(Video.objects.create(title="Refused", stage="editing").pk)
"""
NAME = f"{'The_chief_engineer_of_the_laundry_line_' * 4}final.mp4"
# The words of a page's content that stand beyond the window's right edge. The header has its own
# way with long titles, and what is for screen readers alone stands nowhere.
BEYOND = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const beyond = [];
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !one.checkVisibility()) continue;
    if (one.closest("header, .w-sr-only, script, style, template, noscript")) continue;
    const words = document.createRange();
    words.selectNodeContents(texts.currentNode);
    if (words.getBoundingClientRect().right > innerWidth + 1) beyond.push(words.toString());
  }
  return beyond;
}"""


@pytest.fixture(params=[1440, 390])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


def test_a_refused_file_of_a_long_name_fits_every_page_and_is_removed_on_record(
    sign_in: Callable[..., Page], studio: Studio, people: dict[Role, str], tmp_path, width: int
):
    video = studio.manage("shell", "--no-imports", stdin=VIDEO).strip()
    text = tmp_path / NAME
    text.write_text(f"This is no video, {width}.")
    page = sign_in(people[Role.PRODUCER], width=width, height=844)
    page.goto(f"/admin/videos/inspect/{video}/")
    page.get_by_label("Choose video files").set_input_files(text)
    row = page.locator(".media-cut")
    expect(row).to_contain_text("This is a text file, not a video.", timeout=60_000)
    expect(row.get_by_role("button", name="Try again")).to_have_count(0)
    cut = row.get_by_role("link", name=re.compile("^Open")).get_attribute("href")
    for address in (page.url, "/admin/cuts/", cut, f"{cut}remove/"):
        page.goto(address)
        assert page.evaluate(BEYOND) == [], address
    page.get_by_role("button", name="Yes, remove it").click()
    page.wait_for_url("**/inspect/**")
    page.get_by_text("1 file was removed").click()
    removed = page.locator(".media-removed li")
    expect(removed).to_contain_text("This is a text file, not a video.")
    assert page.evaluate(BEYOND) == []
