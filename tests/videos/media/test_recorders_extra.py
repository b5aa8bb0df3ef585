"""Files of real recorders that `EXTRA_RECORDERS_DIR` names: each comes out as its kind must.

With `REQUIRE_EXTRA_RECORDERS=1` a run without one fails, so that nobody takes it for one with.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.videos.media.measured import first_tone, levels, made, near, pixel, rendition, whites
from tests.videos.media.test_manifest import rows

BLACK, GREY, GREEN = (0, 0, 0), (128, 128, 128), (0, 126, 0)
# The corners of the chart: red above left, green above right, blue below left, yellow below right
CORNERS = {
    (0.03, 0.05): (200, 0, 0),
    (0.97, 0.05): (0, 200, 0),
    (0.03, 0.95): (0, 0, 200),
    (0.97, 0.95): (200, 200, 0),
}
ALL_BLACK = dict.fromkeys(CORNERS, BLACK)


@dataclass(frozen=True)
class Comes:
    """How a file comes out. Times are in seconds, `within` is how far off its length may be; `tone`
    is None where there is no sound, `places` are colours at shares of width and height."""

    size: tuple[int, int] = (640, 360)
    seconds: float = 4.0
    within: float = 0.06
    rate: float = 30
    tone: float | None = 1.0
    tone_within: float = 0.03
    remarks: tuple[str, ...] = ()
    places: dict[tuple[float, float], tuple[int, ...]] | None = None
    at: float = 0.5
    by: int = 16


KINDS = {
    "base.mp4": Comes(places=CORNERS),
    "clap.mov": Comes(size=(480, 360), places=CORNERS),
    "turn.webm": Comes(
        size=(360, 640), seconds=6, remarks=("sizes",), places=CORNERS, at=4
    ),
    "rec-turn.webm": Comes(
        size=(360, 640), seconds=5.8, within=0.1, tone_within=0.1, remarks=("sizes",),
        places=CORNERS, at=5,
    ),
    "rec-pause.webm": Comes(seconds=3.86, within=0.1, tone_within=0.05, places=CORNERS),
    "jitter.mp4": Comes(seconds=10, rate=60, places=CORNERS),
    "unsd4.mov": Comes(seconds=1.5, within=0.15, places=CORNERS),
    "mono2.mxf": Comes(seconds=2, rate=25, remarks=("other_track",), places=CORNERS),
    "silent-first.mp4": Comes(remarks=("other_track",), places=CORNERS),
    "left.mp4": Comes(remarks=("only_left",), places=CORNERS),
    "box-thum.mp4": Comes(places=CORNERS),
    "tail-free.mp4": Comes(places=CORNERS),
    "obs-crash.mp4": Comes(
        seconds=10.9, within=0.9, remarks=("broken_off",), places=CORNERS
    ),
    "cover-gif.mkv": Comes(places=CORNERS),
    "vp9a.webm": Comes(
        seconds=2, rate=25, tone=None, places={**ALL_BLACK, (0.5, 0.5): GREEN}, by=3
    ),
    "c601.mp4": Comes(size=(1280, 720), seconds=2, rate=25, tone=None, places=CORNERS),
}  # fmt: skip

FOLDER = os.environ.get("EXTRA_RECORDERS_DIR")
ROWS = rows(FOLDER)


def test_the_extra_recordings_ran_where_they_are_required():
    if os.environ.get("REQUIRE_EXTRA_RECORDERS") == "1":
        assert ROWS, f"EXTRA_RECORDERS_DIR={FOLDER!r} has no MANIFEST.tsv with rows"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_extra_recordings_come_out_as_their_kind_must(row, tmp_path):
    name = row["file"]
    assert name in KINDS, f"nobody said what must come of {name}"
    case = KINDS[name]
    source = Path(FOLDER or "") / name
    assert hashlib.sha256(source.read_bytes()).hexdigest() == row["sha256"]
    out, facts = made(lambda path: path.symlink_to(source), name, tmp_path)
    assert (facts.width, facts.height) == case.size
    assert facts.remarks == case.remarks
    assert facts.seconds == pytest.approx(case.seconds, abs=case.within)
    assert float(facts.frame_rate) == pytest.approx(case.rate)
    assert float(facts.constant_rate) == pytest.approx(case.rate)
    assert len(whites(rendition(out))) == facts.frames
    assert (facts.sound is None) == (case.tone is None)
    if case.tone is not None:
        sound = out / "sound" / "index.m3u8"
        for path in (sound, out / "download.mp4"):
            assert first_tone(path) == pytest.approx(case.tone, abs=case.tone_within)
        left, right = levels(sound)
        assert abs(left - right) < 0.5
        assert left > -20
    for (x, y), colour in (case.places or {}).items():
        found = pixel(out, x, y, case.at)
        assert near(found, colour, case.by), f"{found} at {x}, {y}"


@pytest.mark.skipif(not ROWS, reason="no EXTRA_RECORDERS_DIR")
def test_the_first_tone_of_a_download_is_within_five_milliseconds(tmp_path):
    source = Path(FOLDER or "") / "base.mp4"
    out, _facts = made(lambda path: path.symlink_to(source), "base.mp4", tmp_path)
    assert first_tone(out / "download.mp4", 0.001) == pytest.approx(1.0, abs=0.005)
