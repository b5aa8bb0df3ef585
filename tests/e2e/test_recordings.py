"""Files of real recorders play to their end in Chromium, with their sound.

Those of `EXTRA_RECORDERS_DIR` where it is set, else a file of each kind made in code.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from studio.people.roles import Role
from tests.e2e.conftest import Studio
from tests.e2e.watching import playing, start_button
from tests.videos.media.recorders import KINDS, SOUNDLESS
from tests.videos.media.test_manifest import rows
from tests.videos.media.test_recorders_extra import KINDS as EXTRA_KINDS

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

FOLDER = os.environ.get("EXTRA_RECORDERS_DIR")
ROWS = rows(FOLDER)
NAMES = [row["file"] for row in ROWS] or list(KINDS)
# Sound is decoded at this rate as at any other, though nobody would hear it.
FASTER = 8
# (ended, where, how long, bytes of sound that were decoded, pictures that were shown)
PLAY = """(video, faster) => new Promise((resolve, reject) => {
  video.defaultPlaybackRate = video.playbackRate = faster;
  video.addEventListener("ended", () => resolve([
    video.ended, video.currentTime, video.duration,
    video.webkitAudioDecodedByteCount, video.getVideoPlaybackQuality().totalVideoFrames,
  ]), { once: true });
  setTimeout(() => reject(new Error(`at ${video.currentTime} of ${video.duration}`)), 20_000);
})"""


def has_sound(name: str) -> bool:
    if ROWS:
        return name in EXTRA_KINDS and EXTRA_KINDS[name].tone is not None
    return name not in SOUNDLESS


@pytest.fixture(scope="module")
def recordings(
    studio: Studio, people: dict[Role, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """Where each of NAMES is to be watched."""
    folder, made = tmp_path_factory.mktemp("recordings"), tmp_path_factory.mktemp("made")
    for name in NAMES:
        source = Path(FOLDER, name) if ROWS and FOLDER else made / name
        if not ROWS:
            KINDS[name](source)
        (folder / name).symlink_to(source)
    script = Path(__file__).with_name("publish_films.py").read_text()
    told = studio.run(script, PRODUCER=people[Role.PRODUCER], FILMS=str(folder))
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}


@pytest.fixture(scope="module")
def watching(browser, studio: Studio) -> Iterator[Page]:
    """One page for all of them."""
    context = browser.new_context(base_url=studio.url)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_the_extra_recordings_are_played_where_they_are_required():
    if os.environ.get("REQUIRE_EXTRA_RECORDERS") == "1":
        assert ROWS, f"EXTRA_RECORDERS_DIR={FOLDER!r} has no MANIFEST.tsv with rows"


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_plays_to_its_end(name, watching: Page, recordings):
    watching.goto(recordings[Path(name).stem]["public"])
    start_button(watching).click()
    ended, at, length, sound, pictures = playing(watching).evaluate(PLAY, FASTER)
    assert ended
    assert abs(at - length) < 0.05
    assert length > 0.9
    assert pictures > 0
    assert (sound > 0) == has_sound(name)
