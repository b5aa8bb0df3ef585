"""Comments on a cut come and go without a reload: the player stays where it is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import Studio
from tests.e2e.watching import play, playing

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

CUT = """
from videos.media.models import Cut
print(Cut.objects.get(video__title="Who wakes the rabbit?").pk)
"""
PLAYED = """
from studio.ranges import seconds
from videos.review.models import Playback
print(max((seconds(map(tuple, one.ranges)) for one in Playback.objects.all()), default=0) > 1)
"""
FORGET = """
from videos.review.models import Comment, Playback
Comment.objects.all().delete()
Playback.objects.all().delete()
"""


@pytest.fixture
def page(
    sign_in: Callable[..., Page], people: dict[Role, str], studio: Studio, published: str
) -> Page:
    """The page of a cut that plays, as a sales manager."""
    studio.run(FORGET)
    page = sign_in(people[Role.SALES_MANAGER])
    page.goto(f"/admin/review/{studio.run(CUT).strip()}/")
    page.evaluate("window.isTheSamePage = true")
    return page


def at(page: Page) -> float:
    position: float = playing(page).evaluate("video => video.currentTime")
    return position


def said(page: Page) -> Locator:
    """What the page says became of a comment."""
    return page.locator("#comments").get_by_role("status")


def test_a_comment_is_added_and_done_while_the_player_stays(page, studio):
    play(page, until=1.2)
    playing(page).evaluate("video => video.pause()")
    position = at(page)
    page.get_by_role("button", name="Take the current time").click()
    page.get_by_role("textbox", name="Comment").fill("The logo is old.")
    page.get_by_role("button", name="Add comment").click()

    comment = page.locator(".review__comment", has_text="The logo is old.")
    expect(comment).to_be_visible()
    expect(said(page)).to_contain_text("Your comment was added.")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("")
    expect(page.get_by_role("textbox", name="Comment")).to_be_focused()

    page.get_by_role("textbox", name="Comment").fill("And the music")
    comment.get_by_role("button", name="Mark as done").click()
    expect(page.get_by_text("Every comment on this cut is done.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("And the music")
    page.get_by_text("1 comment is done").click()
    comment.get_by_role("button", name="Reopen").click()
    expect(comment.get_by_role("button", name="Mark as done")).to_be_focused()

    assert page.evaluate("window.isTheSamePage")
    assert at(page) == position
    assert studio.run(PLAYED).strip() == "True"


def test_a_refused_comment_keeps_what_was_typed(page):
    page.get_by_role("textbox", name="Comment").fill("Far too late.")
    page.get_by_role("textbox", name="At").fill("9:00")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("This cut ends at")).to_be_visible()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Far too late.")
    assert page.evaluate("window.isTheSamePage")


def test_a_comment_that_did_not_arrive_is_told_and_kept(page, troubles):
    page.route("**/comment/", lambda route: route.abort())
    page.get_by_role("textbox", name="Comment").fill("On a train.")
    page.get_by_role("button", name="Add comment").click()
    expect(said(page)).to_contain_text("Your text is still here")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("On a train.")
    troubles.clear()
