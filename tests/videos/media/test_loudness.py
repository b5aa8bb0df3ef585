"""How loud what we make is, measured on what was encoded."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.media.conftest import X264, ffmpeg, within
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sound.measure import level_of_rendition, parse_level
from videos.media.transcoding.sound.treatment import (
    MAX_PEAK,
    TARGET,
    UNCHANGED,
    Level,
    Treatment,
    corrected,
    treatment_for,
)

# Of a voice: tones that come and go, so that there is something to pump
VOICE = "(sin(2*PI*220*t)+0.5*sin(2*PI*660*t))*(0.6+0.4*sin(2*PI*3*t))"
CLAP = "sin(2*PI*3000*t)"
SOUNDS = {
    "quiet": (f"aevalsrc='0.01*{VOICE}':s=48000", "stereo"),
    "loud": (f"aevalsrc='clip(3*{VOICE},-0.99,0.99)':s=48000", "stereo"),
    # A clap of 2 ms each second, thirty times as loud as the voice
    "peaky": (f"aevalsrc='if(lt(mod(t,1),0.002),0.9*{CLAP},0.03*{VOICE})':s=48000", "stereo"),
    "mono": (f"aevalsrc='0.1*{VOICE}':s=44100", "mono"),
    "surround": (f"aevalsrc='{'|'.join([f'0.05*{VOICE}'] * 6)}':c=5.1:s=48000", "5.1"),
}  # fmt: skip
SECONDS = 8
CHANNELS = {"mono": "1", "stereo": "2", "5.1": "6"}


def clip(path, source: str, layout: str) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=64x48:r=10", "-f", "lavfi", "-i", source),
        *("-t", str(SECONDS), *X264, "-c:a", "flac", "-ac", CHANNELS[layout]),
        str(path),
    )  # fmt: skip


@pytest.fixture
def levels(tmp_path):
    """`levels(name)` is (made, level of the source, level of the encoded sound)."""

    def of(source: str, layout: str) -> tuple[Level | None, Level | None]:
        path = tmp_path / "source.mkv"
        clip(path, source, layout)
        facts = probe(path)
        ran = within(path, tmp_path / "set")
        assert ran.code == 0, ran.err
        before = level_of_rendition(path, facts)
        return before, level_of_rendition(tmp_path / "set" / "sound" / "index.m3u8", facts)

    return of


@pytest.mark.parametrize("name", SOUNDS)
def test_every_voice_comes_out_at_one_level_without_a_peak_above_the_limit(levels, name):
    _before, after = levels(*SOUNDS[name])
    assert abs(after.integrated - TARGET) <= 0.5
    assert after.peak <= MAX_PEAK


@pytest.mark.parametrize("source", ["anullsrc", "anoisesrc=a=0.0005:c=pink:r=48000:seed=1"])
def test_silence_and_the_sound_of_a_room_stay_what_they_are(levels, source):
    before, after = levels(source, "stereo")
    assert after.integrated == pytest.approx(before.integrated, abs=0.5)
    assert after.integrated < -45


def test_one_gain_is_given_to_the_whole_length(tmp_path):
    """Loud after soft stays loud after soft, by as much: nothing pumps."""
    steps = f"aevalsrc='if(lt(t,{SECONDS / 2}),0.02,0.08)*{VOICE}':s=48000"
    clip(tmp_path / "source.mkv", steps, "stereo")
    ran = within(tmp_path / "source.mkv", tmp_path / "set")
    assert ran.code == 0
    halves = []
    for number, start in enumerate((0.5, SECONDS / 2 + 0.5)):
        part = tmp_path / f"{number}.wav"
        sound = tmp_path / "set" / "sound" / "index.m3u8"
        ffmpeg("-i", str(sound), "-ss", str(start), "-t", "3", str(part))
        halves.append(level_of_rendition(part, probe(tmp_path / "source.mkv")).integrated)
    assert halves[1] - halves[0] == pytest.approx(20 * math.log10(4), abs=0.3)


def test_the_level_is_read_from_the_summary_alone():
    said = """[Parsed_ebur128_0] Summary:

  Integrated loudness:
    I:         -23.4 LUFS
    Threshold: -33.8 LUFS

  Loudness range:
    LRA:         3.1 LU

  True peak:
    Peak:       -4.2 dBFS
"""
    assert parse_level(said) == Level(-23.4, -4.2)
    assert parse_level(said.replace("-4.2", "-inf")) == Level(-23.4, -math.inf)
    assert parse_level("no such file") is None


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level(-26.0, -20.0), Treatment(10.0)),
        (Level(-10.0, -0.1), Treatment(-6.0)),
        (Level(-26.0, -6.0), Treatment(10.0, -2.3)),
        (Level(-70.0, -math.inf), UNCHANGED),
        (Level(-55.0, -1.0), Treatment(0.0, -2.3)),
    ],
)
def test_a_limiter_is_used_only_where_the_gain_would_lift_peaks_too_high(level, expected):
    assert treatment_for(level) == expected


def test_what_turned_out_right_is_left_alone():
    assert corrected(Treatment(10.0, -2.3), Level(-16.2, -1.6)) is None
    assert corrected(UNCHANGED, Level(-52.0, -10.0)) is None


def test_a_peak_that_grew_in_the_encoder_is_held_lower_by_as_much():
    assert corrected(Treatment(10.0, -2.3), Level(-16.0, -1.0)) == Treatment(10.0, -3.0)


def test_what_the_limiter_took_from_the_loudness_is_given_back():
    assert corrected(Treatment(10.0, -2.3), Level(-17.0, -2.0)) == Treatment(11.0, -2.3)


@given(st.floats(-70, 0), st.floats(-60, 6))
def test_no_treatment_lifts_a_peak_above_the_limit(integrated, peak):
    given_ = treatment_for(Level(integrated, peak))
    highest = peak + given_.gain if given_.limit is None else given_.limit
    assert highest <= MAX_PEAK
