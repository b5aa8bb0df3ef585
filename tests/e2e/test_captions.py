"""A producer edits captions next to the player, in a real browser."""

import pytest
from playwright.sync_api import expect

from studio.people.roles import Role
from tests.e2e.watching import eventually, playing, reach, start_button

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

LIVE = """video => [...video.textTracks].filter((track) => track.kind === "captions")
  .flatMap((track) => [...(track.activeCues ?? [])]).map((cue) => cue.text)"""
PARTS = ("Start", "End", "Text")
KEPT = "from videos.media.models import Caption; print(Caption.objects.get(language='{}').webvtt)"


def kept(studio, language: str = "en") -> str:
    """The captions as the studio has them."""
    return studio.run(KEPT.format(language))


@pytest.fixture
def editor(sign_in, people, published, studio):
    """The editor of the published cut's captions."""

    def opened(**size):
        page = sign_in(people[Role.PRODUCER], **size)
        page.goto("/admin/cuts/")
        page.get_by_role("link", name="Open cut").first.click()
        page.get_by_role("link", name="Edit English").click()
        return page

    return opened


@pytest.mark.slow
@pytest.mark.parametrize("size", [{}, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_captions_are_edited_in_step_with_the_player_and_saved(editor, studio, size):
    page = editor(**size)
    first = page.get_by_label("Text of caption 1")
    expect(first).to_have_value("A rabbit wakes up.")
    start_button(page).click()
    reach(page, 1)
    expect(page.locator(".captions__cue[aria-current=true]")).to_have_count(1)
    playing(page).evaluate("video => { video.pause(); video.currentTime = 2; }")

    first.fill("A rabbit wakes up & stretches.")
    eventually(
        lambda: playing(page).evaluate(LIVE) == ["A rabbit wakes up & stretches."],
        seconds=10,
        what="the player shows what was typed",
    )
    first.press("Alt+KeyO")  # ends now
    expect(page.get_by_label("End of caption 1")).to_have_value("0:02.000")
    page.keyboard.press("Alt+KeyN")
    expect(page.get_by_label("Text of caption 2")).to_be_focused()
    page.keyboard.type("Somebody threw an apple at him, and it hit.")
    expect(page.get_by_text("A line is longer than 42 characters.")).to_be_visible()
    page.keyboard.press("Alt+KeyS")
    expect(page.locator(".captions__cue")).to_have_count(3)
    page.keyboard.press("Control+KeyZ")
    expect(page.locator(".captions__cue")).to_have_count(2)
    page.keyboard.press("Control+KeyS")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert kept(studio).strip() == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nA rabbit wakes up &amp; stretches.\n\n"
        "00:00:02.000 --> 00:00:04.000\nSomebody threw an apple at him, and it hit."
    )
    page.get_by_role("button", name="Delete").click()
    page.get_by_label("Text of caption 1").fill("A rabbit wakes up.")
    page.get_by_label("End of caption 1").fill("4")
    page.get_by_role("button", name="Save captions").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.slow
def test_tab_goes_on_from_a_time_that_changed_also_when_its_caption_moves(editor):
    page = editor()
    page.get_by_label("Text of caption 1").press("Alt+KeyN")
    page.keyboard.type("A second one.")
    start, end, text = (page.get_by_label(f"{part} of caption 2") for part in PARTS)
    start.fill("4.5")
    start.press("Tab")
    expect(end).to_be_focused()
    expect(start).to_have_value("0:04.500")
    page.keyboard.type("9")
    page.keyboard.press("Tab")
    expect(text).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(end).to_be_focused()

    start.fill("0.1")  # it comes before the other
    start.press("Tab")
    start, end, text = (page.get_by_label(f"{part} of caption 1") for part in PARTS)
    expect(end).to_be_focused()
    expect(text).to_have_value("A second one.")
    expect(page.locator(".captions__cue--chosen textarea")).to_have_value("A second one.")
    page.keyboard.type("0.4")
    page.get_by_label("Text of caption 2").click()
    expect(page.get_by_label("Text of caption 2")).to_be_focused()
    expect(end).to_have_value("0:00.400")
    page.keyboard.press("Control+KeyZ")
    page.keyboard.press("Control+KeyZ")
    expect(page.get_by_label("Text of caption 2")).to_have_value("A second one.")


@pytest.mark.slow
def test_nobodys_edit_is_overwritten_unseen(editor, studio, troubles):
    mine, theirs = editor(), editor()
    theirs.get_by_label("Text of caption 1").fill("Theirs.")
    theirs.get_by_role("button", name="Save captions").click()
    expect(theirs.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    mine.get_by_label("Text of caption 1").fill("A rabbit wakes up.")
    mine.get_by_role("button", name="Save captions").click()
    expect(mine.get_by_role("alert").filter(has_text="saved these captions")).to_be_visible()
    assert "Theirs." in kept(studio)
    mine.get_by_role("button", name="Replace theirs with mine").click()
    expect(mine.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert "A rabbit wakes up." in kept(studio)
    eventually(lambda: len(troubles) == 1, seconds=5, what="the browser notes the refusal")
    assert "409" in troubles.pop()
