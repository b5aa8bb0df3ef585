"""An open page follows what others do, within seconds and without a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from studio.people.roles import Role
from tests.e2e.conftest import Studio

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SECONDS = 5000  # milliseconds in which a change that came from elsewhere is there

VIDEO = """
from studio.people.models import User
from videos.planning.models import Video
producer = User.objects.get(email="{email}")
print(Video.objects.create(title="{title}", stage="{stage}", producer=producer).pk)
"""
MOVE = """
from videos.planning.models import Stage
from videos.planning.stages import change_stage
change_stage({video}, Stage("{to}"), room="{room}", by=None)
"""


@pytest.fixture
def producer(sign_in: Callable[..., Page], people: dict[Role, str]) -> Page:
    return sign_in(people[Role.PRODUCER])


@pytest.fixture
def made(studio: Studio, people: dict[Role, str]) -> Callable[[str, str], int]:
    def made(title: str, stage: str) -> int:
        email = people[Role.PRODUCER]
        return int(studio.run(VIDEO.format(email=email, title=title, stage=stage)))

    return made


def test_an_open_page_of_a_video_follows_and_leaves_alone_what_is_typed(
    studio: Studio, producer: Page, made: Callable[[str, str], int]
) -> None:
    video = made("Followed", "shot")
    producer.goto(f"/admin/videos/inspect/{video}/")
    expect(producer.locator(".planning-head__stage")).to_have_text("Shot")
    producer.get_by_text("Cancel the video…").click()
    producer.locator("textarea[name=note]").fill("Nobody asks this any more, for")

    studio.run(MOVE.format(video=video, to="editing", room="planning"))
    waits = producer.locator(".planning-head__waits")
    expect(producer.locator(".planning-head__stage")).to_have_text("Editing", timeout=SECONDS)
    expect(waits).to_contain_text("to upload a cut.")
    expect(producer.locator("[data-ui-live-target=status]")).to_have_text(waits.inner_text())
    note = producer.locator("textarea[name=note]")
    expect(note).to_have_value("Nobody asks this any more, for")
    expect(note).to_be_focused()

    note.fill("")
    note.blur()
    acts = producer.locator(".ui-acts")
    expect(acts.get_by_role("link", name="Upload a cut")).to_be_visible(timeout=SECONDS)


def test_an_open_home_page_follows(
    studio: Studio, producer: Page, made: Callable[[str, str], int]
) -> None:
    producer.goto("/admin/")
    video = made("Found at home", "editing")
    item = producer.locator(".desk-item", has_text="Found at home")
    expect(item.get_by_role("link", name="Upload a cut")).to_be_visible(timeout=SECONDS)
    studio.run(MOVE.format(video=video, to="review", room="media"))
    expect(item).to_contain_text("Upload a cut")  # in review, and still without a cut to watch
    studio.run(MOVE.format(video=video, to="approved", room="review"))
    expect(item.get_by_role("button", name="Create the public page")).to_be_visible(timeout=SECONDS)


def test_an_address_opens_the_tab_that_it_points_into(
    producer: Page, made: Callable[[str, str], int]
) -> None:
    video = made("In tabs", "planned")
    producer.goto(f"/admin/videos/inspect/{video}/#budget")
    expect(producer.locator("#budget")).to_be_visible()
    expect(producer.locator("#about")).to_be_hidden()
    producer.get_by_role("tab", name="History").click()
    expect(producer.locator("#history")).to_be_visible()
    producer.evaluate("window.location.hash = 'review'")
    expect(producer.locator("#review")).to_be_visible()
    producer.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    assert producer.evaluate(wide) <= 0
