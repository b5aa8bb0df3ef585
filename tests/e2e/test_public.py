"""The public site as viewers and staff meet it in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import Studio
from tests.e2e.watching import play, playing, reach, start_button

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

BEACON = re.compile("/api/v1/views/")
VIEWS = """
from videos.audience.models import View
counted = set(View.objects.counted())
print([(view.is_staff, view in counted, float(view.seconds_watched or 0) > 3)
       for view in View.objects.filter(video__title="Who wakes the rabbit?")])
View.objects.filter(video__title="Who wakes the rabbit?").delete()
"""


def views(studio: Studio) -> str:
    """The views of the published video since this was last asked: staff, counted, beyond 3 s."""
    return studio.run(VIEWS).strip()


def watch(page: Page) -> None:
    """Watches for longer than a view needs to count, and stops."""
    play(page, until=3.2)
    with page.expect_response(BEACON) as said:
        playing(page).evaluate("video => video.pause()")
    assert said.value.ok


def test_a_player_is_started_paused_and_started_again_with_the_keyboard(open_page, published):
    page = open_page()
    page.goto(published)
    for _ in range(10):
        page.keyboard.press("Tab")
        if start_button(page).evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    reach(page, 0.5)
    page.keyboard.press("Space")
    expect(playing(page)).to_have_js_property("paused", True)
    expect(page.locator("media-controller[mediapaused]")).to_be_visible()
    page.keyboard.press("Space")
    expect(playing(page)).to_have_js_property("paused", False)


def test_captions_come_with_the_video_and_are_shown_when_asked_for(open_page, published):
    page = open_page()
    page.goto(published)
    track = page.locator("video[data-video] track[kind=captions]")
    expect(track).to_have_attribute("srclang", "en")
    play(page, until=0.6)
    page.locator("media-captions-button").click()
    track.evaluate("""track => new Promise((resolve) => {
      const look = () => track.track.activeCues?.length ? resolve() : setTimeout(look, 50);
      look();
    })""")
    said = track.evaluate("track => track.track.activeCues[0].text")
    assert said == "A rabbit wakes up."


@pytest.mark.parametrize("path", ["index", "video", "unknown share link"])
def test_no_public_page_scrolls_sideways_on_a_phone(path, open_page, published, troubles):
    page = open_page(width=390, height=844)
    page.goto({"index": "/", "video": published}.get(path, "/s/unknown"))
    wide = page.evaluate("document.documentElement.scrollWidth")
    troubles.clear()  # the status of an unknown link, which has a test of its own
    assert wide <= 390


def test_an_unknown_share_link_is_answered_in_friendly_words(open_page, published, troubles):
    page = open_page()
    answer = page.goto("/s/unknown")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    page.get_by_role("link", name="See all videos").click()
    expect(page.get_by_role("link", name="Who wakes the rabbit?")).to_be_visible()
    [complaint] = troubles
    assert "404" in complaint
    troubles.clear()


def test_a_stranger_who_watches_is_counted_without_a_cookie(open_page, published, studio):
    views(studio)
    page = open_page()
    page.goto(published)
    watch(page)
    assert page.context.cookies() == []
    assert views(studio) == "[(False, True, True)]"


def test_staff_read_that_they_do_not_count_and_do_not(
    sign_in: Callable[..., Page], people: dict[Role, str], published: str, studio: Studio
):
    views(studio)
    page = sign_in(people[Role.EXPERT])
    page.goto(published)
    expect(page.get_by_role("note")).to_contain_text("this view is not counted")
    watch(page)
    assert views(studio) == "[(True, False, True)]"


AV1 = """
import time
from videos.media.jobs.actions import request_av1
from videos.media.models import Cut
cut = Cut.objects.get(video__title="Who wakes the rabbit?")
request_av1(cut)
end = time.monotonic() + 200
while not cut.second_set_id:
    assert time.monotonic() < end, list(cut.jobs.values("kind", "state", "reason"))
    time.sleep(0.2)
    cut.refresh_from_db()
print(cut.current_set.key, cut.second_set.key)
"""
IN_HARDWARE = """MediaCapabilities.prototype.decodingInfo = async () =>
  ({ supported: true, smooth: true, powerEfficient: %s })"""


@pytest.mark.slow
def test_av1_is_played_where_it_is_decoded_in_hardware_and_nowhere_else(
    open_page, published, studio
):
    usual, second = studio.run(AV1).split()
    fetched = {}
    for hardware in (True, False):
        page = open_page()
        page.add_init_script(IN_HARDWARE % str(hardware).lower())
        seen = fetched.setdefault(hardware, [])
        page.on("request", lambda request, seen=seen: seen.append(request.url))
        page.goto(published)
        play(page, until=1)
    assert any(f"/{second}/" in url and url.endswith(".m4s") for url in fetched[True])
    assert not any(
        f"/{usual}/" in url and re.search(r"/\d+x\d+/\d+\.m4s", url) for url in fetched[True]
    )
    assert not any(f"/{second}/" in url for url in fetched[False])
    assert any(f"/{usual}/" in url and url.endswith(".m4s") for url in fetched[False])
