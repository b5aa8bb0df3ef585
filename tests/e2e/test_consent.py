"""The question beside the player, as a visitor's browser meets it: what it keeps, and when."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import USER_AGENT, Studio
from tests.e2e.watching import eventually, play, playing, reach

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SEND = """
from django.utils.timezone import now
from studio.people.models import User
from videos.audience.links import share
from videos.audience.models import Contact, ShareLink, View, Viewer
from videos.planning.models import Video
View.objects.all().delete()
Viewer.objects.all().delete()
contact, made = Contact.objects.get_or_create(name="Pat Prospect", email="pat@buyer.example")
video = Video.objects.get(title="Who wakes the rabbit?")
link = share(video, contact, by=User.objects.get(email="robin@studio.example"))
ShareLink.objects.filter(pk=link.pk).update(created_at=now())  # a rep has one for all tests
print(link.token)
"""
# Views that began after the link was made: a page of a test before may report its end late.
VIEWS = """
from videos.audience.models import ShareLink, View, Viewer
begun = ShareLink.objects.latest("pk").created_at
views = View.objects.filter(video__title="Who wakes the rabbit?", started_at__gte=begun)
print([(bool(view.viewer), bool(view.identified_at)) for view in views], Viewer.objects.count())
"""
PLAYED = """
import json
from videos.audience.models import ShareLink, View
begun = ShareLink.objects.latest("pk").created_at
views = View.objects.filter(
    video__title="Who wakes the rabbit?", started_at__gte=begun
).order_by("pk")
print(json.dumps([[bool(view.share_link), bool(view.counted_at), view.ranges] for view in views]))
"""
SHIFTS = """
window.shifted = [];
const told = ({ node, previousRect: was, currentRect: is }) =>
  `${node?.outerHTML?.slice(0, 100) ?? node?.nodeName}: ${JSON.stringify([was, is])}`;
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    window.shifted.push([value, ...sources.map(told)].join(" "));
}).observe({ type: "layout-shift", buffered: true });
"""
ANY_STATE = re.compile("[a-z]")
YES = "Remember this browser"
NO = "No, thank you"


@pytest.fixture
def link(studio: Studio, published: str) -> str:
    """The address of a share link to the published video, which nobody has watched."""
    return f"/s/{studio.run(SEND).strip()}"


def views(studio: Studio) -> str:
    """Of each view whether it has a viewer and got it by a yes; and how many viewers there are."""
    return studio.run(VIEWS).strip()


def kept(page: Page) -> dict[str, bool]:
    """The names of the browser's cookies, and whether each ends with the session."""
    return {str(cookie["name"]): cookie["expires"] == -1 for cookie in page.context.cookies()}


RESTRICT = """
from wagtail.models import PageViewRestriction
from videos.publishing.models import VideoPage
page = VideoPage.objects.get(video__title="Who wakes the rabbit?")
PageViewRestriction.objects.create(
    page=page.page_ptr, restriction_type="password", password="open sesame"
)
"""
OPEN_AGAIN = """
from wagtail.models import PageViewRestriction
PageViewRestriction.objects.all().delete()
"""


@pytest.fixture
def restricted(studio: Studio, published: str) -> Iterator[str]:
    """The address of the published video while a password protects its page."""
    studio.run(RESTRICT)
    yield published
    studio.run(OPEN_AGAIN)


def stored(page: Page) -> list[str]:
    """What the browser keeps for this site beyond its session and beside its cookies."""
    return list(page.evaluate("Object.keys(localStorage)")) + list(
        page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")
    )


# What the controls of media-chrome send when they are used
ASK = """(control, [name, detail]) => control.dispatchEvent(
  new CustomEvent(name, { bubbles: true, composed: true, detail }))"""


def try_controls(page: Page) -> None:
    """Changes the volume, mutes, and turns captions on and chooses them, as a viewer may."""
    page.locator("media-volume-range").evaluate(ASK, ["mediavolumerequest", 0.4])
    page.locator("media-mute-button").click()
    page.locator("media-captions-button").click()
    chosen = [{"language": "en", "kind": "captions"}]
    page.locator("media-captions-menu").evaluate(ASK, ["mediashowsubtitlesrequest", chosen])
    video = playing(page)
    sound = "v => v.muted && v.volume === 0.4"
    eventually(lambda: bool(video.evaluate(sound)), seconds=5, what="quieter and muted")
    showing = "v => [...v.textTracks].some((track) => track.mode === 'showing')"
    eventually(lambda: bool(video.evaluate(showing)), seconds=5, what="captions")


def shown(page: Page) -> str:
    """Which of the states is shown beside the player."""
    room = page.locator("[data-audience]")
    expect(room).to_have_attribute("data-state", value=ANY_STATE)
    return str(room.get_attribute("data-state"))


def test_a_link_keeps_nothing_beyond_the_session_and_a_yes_remembers_what_was_watched(
    open_page: Callable[..., Page], link: str, studio: Studio
):
    page = open_page()
    page.goto(link)
    assert shown(page) == "unasked"
    play(page, until=3.2)
    with page.expect_response("**/api/v1/views/*"):
        playing(page).evaluate("video => video.pause()")
    assert kept(page) == {"via": True}
    assert views(studio) == "[(False, False)] 0"

    page.get_by_role("button", name=YES).click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "remembered")
    assert kept(page) == {"via": True, "viewer": False}
    assert views(studio) == "[(True, True)] 1"
    assert page.evaluate("sessionStorage.length") == 0
    focused = page.evaluate("document.activeElement.dataset.for")
    assert focused == "remembered"

    page.reload()
    assert shown(page) == "remembered"
    page.get_by_role("button", name="Forget this browser").click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    assert kept(page) == {"unremembered": False}


def test_after_a_no_the_browser_keeps_the_no_alone_and_a_later_yes_removes_it(
    open_page: Callable[..., Page], link: str, studio: Studio
):
    page = open_page()
    page.goto(link)
    play(page, until=0.5)
    assert page.evaluate("sessionStorage.length") == 1
    page.get_by_role("button", name=NO).click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    assert kept(page) == {"unremembered": False}
    assert page.evaluate("sessionStorage.length") == 0

    page.goto(link)
    assert shown(page) == "declined"
    assert kept(page) == {"unremembered": False}
    play(page, until=0.5)
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_role("button", name="Remember this browser after all").click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "remembered")
    assert kept(page) == {"viewer": False}


def test_a_no_in_one_tab_holds_for_what_another_one_plays(
    open_page: Callable[..., Page], link: str, published: str, studio: Studio
):
    def told() -> list[list[object]]:
        """Of each view: whether it has a link, whether it counts, and its ranges."""
        return list(json.loads(studio.run(PLAYED)))

    def paused() -> list[list[object]]:
        """What is told after a pause and an answer to a report."""
        with page.expect_response("**/api/v1/views/*") as said:
            playing(page).evaluate("video => video.pause()")
        assert said.value.status == 204
        return told()

    def paused_and_told() -> list[list[object]]:
        """What is told after a pause, once all that was played is: the answer after the pause may
        be to the report before it.
        """
        paused()
        at = round(playing(page).evaluate("video => video.currentTime"), 3)
        eventually(lambda: told()[-1][2] == [[0.0, at]], seconds=10, what=f"told up to {at} s")
        return told()

    page = open_page()
    page.goto(link)
    assert shown(page) == "unasked"
    play(page, until=3.2)
    [before] = paused_and_told()
    assert before[:2] == [True, True]

    other = page.context.new_page()
    other.goto(published)
    assert shown(other) == "unasked"
    other.get_by_role("button", name=NO).click()
    expect(other.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    other.close()
    playing(page).evaluate("video => video.play()")
    reach(page, 4.2)
    assert paused() == [before]

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back to this tab
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    playing(page).evaluate("video => { video.currentTime = 0; video.play(); }")
    reach(page, 1)
    was, anonymous = paused()
    assert (was, anonymous[:2]) == (before, [False, False])


@pytest.mark.parametrize("said", ["nothing", "no"])
def test_the_player_keeps_no_preference_in_the_browser(
    open_page: Callable[..., Page], link: str, said: str
):
    page = open_page()
    page.goto(link)
    assert shown(page) == "unasked"
    if said == "no":
        page.get_by_role("button", name=NO).click()
        expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    play(page, until=0.3)
    try_controls(page)
    assert stored(page) == []
    assert kept(page) == ({"via": True} if said == "nothing" else {"unremembered": False})


def test_a_page_with_a_password_keeps_nothing_beyond_the_session(
    open_page: Callable[..., Page], restricted: str, troubles: list[str]
):
    page = open_page()
    page.goto(restricted)
    page.get_by_label("Password").fill("open sesame")
    page.keyboard.press("Enter")
    assert shown(page) == "unasked"
    play(page, until=0.3)
    try_controls(page)
    assert kept(page) == {"csrftoken": True, "sessionid": True}
    assert stored(page) == []
    # Wagtail's form names no icon, for which browsers then look in the usual place.
    troubles[:] = [said for said in troubles if "favicon.ico" not in said]


def test_the_question_is_answered_with_the_keyboard(open_page: Callable[..., Page], published: str):
    page = open_page()
    page.goto(published)
    assert shown(page) == "unasked"
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == NO:
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_question_comes_into_reserved_room(
    open_page: Callable[..., Page], published: str, width: int
):
    page = open_page(width=width)
    page.add_init_script(SHIFTS)
    page.goto(published)
    assert shown(page) == "unasked"
    page.get_by_role("button", name=NO).click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "declined")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted") == []


def test_an_answer_that_does_not_get_through_is_said_and_given_again(
    open_page: Callable[..., Page], published: str, troubles: list[str]
):
    page = open_page()
    page.goto(published)
    assert shown(page) == "unasked"
    page.route("**/audience/remember", lambda route: route.abort())
    page.get_by_role("button", name=YES).click()
    room = page.locator("[data-audience]")
    expect(room).to_have_attribute("data-state", "failed")
    page.unroute("**/audience/remember")
    page.locator("[data-for=failed]").get_by_role("button", name=YES).click()
    expect(room).to_have_attribute("data-state", "remembered")
    [complaint] = troubles
    assert "remember" in complaint
    troubles.clear()


def test_staff_are_not_asked_and_after_signing_out_neither(
    sign_in: Callable[..., Page], people: dict[Role, str], link: str
):
    page = sign_in(people[Role.EXPERT])
    page.goto(link)
    assert shown(page) == "signed-in"
    expect(page.get_by_role("note")).to_contain_text("You are signed in as staff")
    expect(page.get_by_role("button", name=YES)).to_be_hidden()
    assert "viewer" not in kept(page)
    page.context.clear_cookies(name="sessionid")
    page.reload()
    assert shown(page) == "studio"
    expect(page.get_by_role("note")).to_contain_text("have signed in with this browser")


@pytest.fixture
def plain_page(browser, studio: Studio) -> Iterator[Page]:
    """A page of a browser that runs no scripts."""
    context = browser.new_context(
        base_url=studio.url, user_agent=USER_AGENT, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_a_page_without_script_remembers_and_takes_a_yes_back(plain_page: Page, link: str):
    page = plain_page
    page.goto(link)
    expect(page.locator("[data-audience]")).to_be_hidden()
    page.get_by_role("button", name=YES).click()
    expect(page.get_by_text("Thank you. This browser is remembered")).to_be_visible()
    assert kept(page) == {"via": True, "viewer": False}
    page.get_by_role("button", name="Do not remember it").click()
    expect(page.get_by_text("Done. This browser is not remembered.")).to_be_visible()
    expect(page.get_by_text("Thank you. This browser is remembered")).to_be_hidden()
    assert kept(page) == {"unremembered": False}


def test_the_page_that_the_browser_kept_is_not_asked_for_again_and_knows_the_answer(
    open_page: Callable[..., Page], link: str, published: str
):
    """Within a minute the page comes from the browser's cache, and what holds from the studio."""
    page = open_page()
    page.goto(published)
    assert shown(page) == "unasked"
    page.get_by_role("button", name=YES).click()
    expect(page.locator("[data-audience]")).to_have_attribute("data-state", "remembered")
    page.goto("/")
    fetched = []
    page.on("response", lambda answer: fetched.append((answer.url, answer.from_service_worker)))
    page.goto(published)
    assert shown(page) == "remembered"
    eventually(lambda: any("audience/state" in url for url, _ in fetched), seconds=5, what="state")
