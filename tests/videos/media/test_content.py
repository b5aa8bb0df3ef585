"""What kind of picture a source shows, and what follows from it for its encoding."""

import logging
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.videos.media.conftest import X264, lavfi
from videos.media import content as module
from videos.media.content import Look, content_of, look, looked_at, pictures
from videos.media.facts import Content
from videos.media.graph import picture_options
from videos.media.ladder import Rung, ladder
from videos.media.probe import probe

GRAIN = "noise=c0s=20:c0f=t"
SOURCES = {
    "dark.mp4": ("testsrc2=s=320x180:r=25,lutyuv=y='16+(val-16)*0.2',noise=c0s=8:c0f=t", "dark"),
    "filmed.mp4": (f"testsrc2=s=320x180:r=25,{GRAIN}", "filmed"),
    "drawn.mp4": ("color=white:s=1600x900:r=25,drawbox=x=90:y=90:w=200:h=90:color=blue", "drawn"),
    # White letters on a black screen are no film between bars.
    "terminal.mp4": (
        "color=black:s=320x180:r=25,drawgrid=w=300:h=9:t=2:color=white,drawbox=t=1:c=gray",
        "drawn",
    ),
    # What was filmed upright, in a wide picture: the bars are even, the film is not.
    "bars.mp4": (f"testsrc2=s=100x180:r=25,{GRAIN},pad=320:180:-1:-1", "filmed"),
    # The same without bars: animation has many shades where a screen has few.
    "gradient.mp4": (
        "gradients=s=320x180:r=25:c0=navy:c1=orange:x0=0:y0=0:x1=319:y1=179",
        "filmed",
    ),
    "one-picture.mp4": (f"testsrc2=s=320x180:r=25,{GRAIN},trim=end_frame=1", "filmed"),
    "black.mp4": ("color=black:s=320x180:r=25", "filmed"),
}
LOOKS = st.builds(Look, st.floats(0, 255), st.floats(0, 1), st.floats(0, 1))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_source_is_told_by_some_of_its_pictures(name, tmp_path):
    shown, expected = SOURCES[name]
    source = tmp_path / name
    lavfi(shown, *X264, seconds=2)(source)
    assert probe(source).content == expected


@given(LOOKS, LOOKS)
def test_one_strange_picture_of_three_decides_nothing(usual, strange):
    assert content_of([usual, strange, usual]) == content_of([usual])


@given(st.lists(LOOKS))
def test_the_order_of_the_pictures_decides_nothing(looks):
    assert content_of(looks) == content_of(looks[::-1])


def test_black_tells_nothing():
    picture = Image.new("L", (64, 64), 0)
    assert look(picture) is None
    ImageDraw.Draw(picture).rectangle((0, 0, 31, 63), fill=200)
    assert look(picture) == Look(light=200, even=31 / 32, few=1)


def test_a_source_that_cannot_be_looked_at_is_taken_as_filmed(tmp_path, monkeypatch, caplog):
    source = tmp_path / "drawn.mp4"
    lavfi(SOURCES["drawn.mp4"][0], *X264, seconds=1)(source)
    facts = probe(source)
    monkeypatch.setattr(module, "looking", lambda *_: [module.binaries.ffmpeg(), "-no-such-option"])
    with caplog.at_level(logging.INFO):
        assert looked_at(source, facts) == Content.FILMED
    assert str(source) in caplog.text


def test_a_picture_that_was_not_written_to_its_end_tells_nothing(tmp_path):
    (tmp_path / "look-0.pgm").write_bytes(b"P5\n64 64\n255\n" + bytes(100))
    (tmp_path / "look-1.pgm").write_bytes(b"")
    Image.new("L", (8, 8), 90).save(tmp_path / "look-2.pgm")
    assert [picture.size for picture in pictures(tmp_path)] == [(8, 8)]


def test_a_dark_room_is_encoded_finer_at_every_size():
    rate = Fraction(25)
    for rung in [*ladder(3840, 2160), Rung(4096, 4096, 24_000_000)]:
        finer = picture_options(rung, rate, Content.DARK)["crf"]
        assert finer < picture_options(rung, rate)["crf"]


def test_the_letters_of_a_small_screen_are_encoded_finer_and_those_of_a_large_one_are_not():
    small, large, rate = Rung(854, 480, 2_500_000), Rung(1920, 1080, 9_000_000), Fraction(25)
    drawn = [picture_options(rung, rate, Content.DRAWN)["crf"] for rung in (small, large)]
    filmed = [picture_options(rung, rate)["crf"] for rung in (small, large)]
    assert drawn[0] < filmed[0]
    assert drawn[1] > filmed[1]
