"""A film ends: `ended` fires in Chromium, wherever a film is watched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from studio.people.roles import Role
from tests.e2e.conftest import Studio
from tests.e2e.watching import playing, reach, start_button
from tests.videos.media.conftest import X264, ffmpeg

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# (seconds, frames a second): the lengths that segments of six seconds fit, and others
FILMS = {
    "4": (4, 25),
    "6": (6, 25),
    "7": (7, 25),
    "12": (12, 25),
    "30": (30, 25),
    "a-frame-less": (5.96, 25),
    "a-frame-more": (6.04, 25),
    "21-ms-more": (289 / 48, 48),
    "silent": (6.04, 25),
}
# Nearer to the end than a segment is long, and far enough for it to be fetched again
NEAR_SECONDS = 1.2
ENDED = """(video, near) => new Promise((resolve, reject) => {
  const told = () => resolve([video.ended, video.currentTime, video.duration]);
  video.addEventListener("ended", told, { once: true });
  if (near) video.currentTime = video.duration - near;
  const most = (near || video.duration) + 8;
  setTimeout(() => reject(new Error(`at ${video.currentTime} of ${video.duration}`)), most * 1000);
})"""
AGAIN = "async (video) => { await video.play(); }"


@pytest.fixture(scope="module")
def films(
    studio: Studio, people: dict[Role, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """Where each of FILMS is to be watched."""
    folder = tmp_path_factory.mktemp("films")
    for name, (seconds, rate) in FILMS.items():
        sound = ["-f", "lavfi", "-i", "sine=440:r=48000"] if name != "silent" else []
        ffmpeg(
            *("-f", "lavfi", "-i", f"testsrc2=s=160x90:r={rate}", *sound),
            *("-t", f"{seconds:.6f}", *X264, str(folder / f"{name}.mp4")),
        )
    script = Path(__file__).with_name("publish_films.py").read_text()
    told = studio.run(script, PRODUCER=people[Role.PRODUCER], FILMS=str(folder))
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}


def end(page: Page, *, near: float = 0) -> None:
    """The film ends: at its length, and the browser says so."""
    ended, at, length = playing(page).evaluate(ENDED, near)
    assert ended
    assert abs(at - length) < 0.05


def begin(page: Page) -> None:
    start_button(page).click()
    reach(page, 0.05)


@pytest.mark.parametrize("name", ["6", "a-frame-more"])
def test_a_film_ends_and_the_player_knows_it(name, open_page, films):
    page = open_page()
    page.goto(films[name]["public"])
    begin(page)
    end(page)
    playing(page).evaluate(AGAIN)  # from the beginning, and to the end once more
    reach(page, 0.05)
    end(page, near=NEAR_SECONDS)


@pytest.mark.parametrize("name", FILMS)
def test_a_film_ends_for_who_jumps_to_its_end(name, open_page, films):
    page = open_page()
    page.goto(films[name]["public"])
    begin(page)
    end(page, near=NEAR_SECONDS)


@pytest.mark.parametrize("where", ["review", "cut"])
def test_films_end_for_the_studio_as_for_viewers(
    where, sign_in: Callable[..., Page], people: dict[Role, str], films
):
    page = sign_in(people[Role.PRODUCER])
    for name in ("4", "6", "7", "12", "30"):
        page.goto(films[name][where])
        begin(page)
        end(page, near=NEAR_SECONDS)
