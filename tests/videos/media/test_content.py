"""What kind of picture a source shows, and what follows from it for its encoding."""

import logging
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.videos.media.conftest import X264, lavfi
from videos.media.transcoding.encoder_settings import picture_options
from videos.media.transcoding.ladder import Rung, ladder
from videos.media.transcoding.probing import content as module
from videos.media.transcoding.probing.content import (
    PictureStats,
    classify,
    detect_content,
    picture_stats,
    read_samples,
)
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.source_info import Content

GRAIN = "noise=c0s=20:c0f=t"
FILM = f"testsrc2=s=404x720:r=25,{GRAIN}"
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
    "bars.mp4": (f"{FILM},pad=1280:720:-1:-1", "filmed"),
    "white-bars.mp4": (f"{FILM},pad=1280:720:-1:-1:white", "filmed"),
    "named-bars.mp4": (
        f"{FILM},pad=1280:720:-1:-1:0x222222,drawbox=x=50:y=300:w=120:h=60:color=red",
        "filmed",
    ),
    # Somebody who is lit, in a studio that is not
    "lit.mp4": (f"testsrc2=s=640x360:r=25,{GRAIN},pad=1280:720:-1:-1:0x0c0c0c", "filmed"),
    # A page with a picture in it
    "page.mp4": (
        f"testsrc2=s=320x180:r=25,{GRAIN},pad=1280:720:900:500:white,"
        "drawgrid=w=1300:h=18:t=2:color=black",
        "drawn",
    ),
    "slides-10-bit.mp4": (
        "color=0xeeeeee:s=1280x720:r=25,drawgrid=w=160:h=90:t=3:color=navy,format=yuv420p10le",
        "drawn",
    ),
    # The same without bars: animation has many shades where a screen has few.
    "gradient.mp4": (
        "gradients=s=320x180:r=25:c0=navy:c1=orange:x0=0:y0=0:x1=319:y1=179",
        "filmed",
    ),
    "one-picture.mp4": (f"testsrc2=s=320x180:r=25,{GRAIN},trim=end_frame=1", "filmed"),
    "black.mp4": ("color=black:s=320x180:r=25", "filmed"),
}
SHARES = st.floats(0, 1)
LOOKS = st.builds(PictureStats, st.floats(0, 255), SHARES, SHARES, SHARES)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_source_is_told_by_some_of_its_pictures(name, tmp_path):
    shown, expected = SOURCES[name]
    source = tmp_path / name
    lavfi(shown, *X264, seconds=2)(source)
    assert probe(source).content == expected


@given(LOOKS, LOOKS)
def test_one_strange_picture_of_three_decides_nothing(usual, strange):
    assert classify([usual, strange, usual]) == classify([usual])


@given(st.lists(LOOKS))
def test_the_order_of_the_pictures_decides_nothing(looks):
    assert classify(looks) == classify(looks[::-1])


@given(st.integers(0, 255), st.integers(1, 40), st.integers(1, 40))
def test_what_is_of_one_shade_tells_nothing(shade, width, height):
    assert picture_stats(Image.new("L", (width, height), shade)) is None


def test_only_tiles_that_show_something_count():
    picture = Image.new("L", (160, 90), 200)
    for left in range(0, 160, 20):  # every other tile is half of 10, half of 110
        ImageDraw.Draw(picture).rectangle((left, 0, left + 4, 89), fill=10)
        ImageDraw.Draw(picture).rectangle((left + 5, 0, left + 9, 89), fill=110)
    told = picture_stats(picture)
    assert (told.light, told.few, told.few_in_tiles) == (60, 1, 1)
    assert told.even == pytest.approx(1 - (3 * 8 - 1 + 1) / 160)


def test_a_source_that_cannot_be_looked_at_is_taken_as_filmed(tmp_path, monkeypatch, caplog):
    source = tmp_path / "drawn.mp4"
    lavfi(SOURCES["drawn.mp4"][0], *X264, seconds=1)(source)
    facts = probe(source)
    monkeypatch.setattr(
        module, "sample_command", lambda *_: [module.binaries.ffmpeg(), "-no-such-option"]
    )
    with caplog.at_level(logging.INFO):
        assert detect_content(source, facts) == Content.FILMED
    assert str(source) in caplog.text


def test_a_picture_that_was_not_written_to_its_end_tells_nothing(tmp_path):
    (tmp_path / "look-0.pgm").write_bytes(b"P5\n64 64\n255\n" + bytes(100))
    (tmp_path / "look-1.pgm").write_bytes(b"")
    Image.new("L", (8, 8), 90).save(tmp_path / "look-2.pgm")
    assert [picture.size for picture in read_samples(tmp_path)] == [(8, 8)]


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


def test_light_that_is_coded_for_brighter_screens_is_dark_from_another_shade_on():
    dim = PictureStats(light=50, even=0.2, few=0.2, few_in_tiles=0.2)
    assert classify([dim], "pq") == Content.DARK
    assert classify([dim], "hlg") == classify([dim]) == Content.FILMED
