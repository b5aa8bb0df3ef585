"""How channels without places become two."""

import re

import pytest

from videos.media.transcoding.sound.channel_layouts import pan


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("stereo", 2), ("mono", 1), ("5.1", 6), ("5.1(side)", 6), ("7.1.4", 12), ("quad", 4),
        ("hexadecagonal", 16), ("22.2", 24), ("downmix", 2), ("", 2), ("unknown", 6), ("", 8),
        ("3 channels (FL+FR+LFE)", 3), ("2 channels (DL+DR)", 2),
    ],
)  # fmt: skip
def test_what_ffmpeg_can_mix_is_left_to_it(layout, channels):
    assert pan(layout, channels) == ""


@pytest.mark.parametrize(
    ("layout", "channels"),
    [("ambisonic 1", 4), ("ambisonic 3", 16), ("ambisonic 1+stereo", 6)],
)
def test_of_a_sphere_what_comes_from_all_sides_is_heard(layout, channels):
    assert pan(layout, channels) == "stereo|c0=c0|c1=c0"


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("", 3), ("unknown", 7), ("3 channels", 3),
        ("16 channels", 16), ("", 16), ("unknown", 9), ("", 64),
        ("4 channels (UNSD+UNSD+UNSD+UNSD)", 4), ("3 channels (USR0+USR1+USR64)", 3),
        ("6 channels (FL+FR+UNK+UNK+UNK+UNK)", 6), ("4 channels (AMBI0+AMBI2+AMBI1+AMBI3)", 4),
        ("1 channels (UNSD)", 1), ("3 channels (NONE+FL+FR)", 3),
    ],
)  # fmt: skip
def test_channels_without_a_place_are_all_heard_on_both_sides(layout, channels):
    kind, *sides = pan(layout, channels).split("|")
    assert kind == "stereo"
    for name, side in zip(("c0", "c1"), sides, strict=True):
        assert side.startswith(f"{name}=")
        shares = re.findall(r"([0-9.]+)\*c(\d+)", side)
        assert [int(channel) for _share, channel in shares] == list(range(channels))
        assert 0.999 < sum(float(share) for share, _channel in shares) <= 1.00001


@pytest.mark.parametrize("layout", ["2 channels", "2 channels (UNSD+UNSD)", "binaural"])
def test_two_channels_without_a_place_stay_two(layout):
    assert pan(layout, 2) == "stereo|c0=c0|c1=c1"
