"""Which sound of a source is heard, by how loud its channels get."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.media import recorders
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox.process import ToolResult
from videos.media.transcoding.sound import track_levels
from videos.media.transcoding.sound.track_levels import (
    Choice,
    choose,
    is_audible,
    is_settled,
    only_live_side,
    parse_peaks,
    stereo_pairs,
)

DEAD, LOUD = float("-inf"), -12.0


def track(index, *loud, codec="aac", start="0.000000", language=""):
    """A track as ffprobe tells of it, and how loud its channels get."""
    return {
        "index": index, "channels": len(loud) or 1, "codec_name": codec, "sample_rate": "48000",
        "start_time": start, "tags": {"language": language} if language else {}, "loud": loud,
    }  # fmt: skip


def mono(index, loud, **more):
    return track(index, loud, codec="pcm_s24le", **more)


def heard(tracks, default=0, *, chosen=False):
    """What is chosen, and the indexes of the tracks that were listened to."""
    listened = []

    def peaks(one):
        listened.append(one["index"])
        return one["loud"]

    return choose(tracks, tracks[default], peaks, chosen=chosen), set(listened)


def test_a_track_that_sounds_is_heard_and_no_other_is_listened_to():
    tracks = [track(1, LOUD, LOUD), track(2, LOUD, LOUD)]
    assert heard(tracks) == (Choice(tracks[0]), {1})
    assert heard(tracks, 1) == (Choice(tracks[1]), {2})


def test_a_silent_track_gives_way_to_the_first_that_sounds():
    tracks = [track(1, DEAD, -80), track(2, DEAD), track(3, LOUD), track(4, LOUD)]
    assert heard(tracks)[0] == Choice(tracks[2], instead=True)


def test_a_track_in_the_place_of_a_silent_one_may_be_heard_on_one_side():
    tracks = [track(1, DEAD, DEAD), track(2, DEAD, LOUD)]
    assert heard(tracks)[0] == Choice(tracks[1], side=1, instead=True)


def test_where_nothing_sounds_the_files_own_choice_stays_and_is_called_silent():
    tracks = [track(1, DEAD), track(2, DEAD), track(3)]
    assert heard(tracks, 1)[0] == Choice(tracks[1], silent=True)


def test_what_a_person_chose_stays():
    tracks = [track(1, DEAD), track(2, LOUD)]
    assert heard(tracks, chosen=True) == (Choice(tracks[0], silent=True), {1})
    pair = [mono(1, LOUD), mono(2, LOUD)]
    assert heard(pair, 1, chosen=True)[0] == Choice(pair[1])


def test_a_track_a_channel_is_heard_as_left_and_right():
    tracks = [mono(1, LOUD), mono(2, -30.0)]
    for default in (0, 1):
        choice = heard(tracks, default)[0]
        assert (choice.track, choice.right) == (tracks[0], tracks[1])
        assert choice.instead is (default == 1)


@pytest.mark.parametrize(
    ("loud", "expected", "right"),
    [
        ([DEAD, LOUD], 2, None),
        ([LOUD, DEAD], 1, None),
        ([DEAD, DEAD, LOUD, DEAD], 3, None),
        ([DEAD, DEAD, DEAD, LOUD], 4, None),
        ([DEAD, DEAD, LOUD, LOUD], 3, 4),
        ([DEAD, LOUD, LOUD, LOUD], 2, None),
        ([DEAD, DEAD, LOUD], 3, None),  # one without a partner
    ],
)
def test_of_tracks_with_a_channel_each_the_first_pair_that_sounds_is_heard(loud, expected, right):
    choice = heard([mono(n, level) for n, level in enumerate(loud, 1)])[0]
    assert choice.track["index"] == expected
    assert (choice.right and choice.right["index"]) == right
    assert choice.instead is (expected != 1)
    assert not choice.silent


def test_a_stereo_track_that_a_file_names_is_not_left_for_its_monos():
    tracks = [track(1, LOUD, LOUD), mono(2, LOUD), mono(3, LOUD)]
    assert heard(tracks)[0] == Choice(tracks[0])


@pytest.mark.parametrize(
    "other",
    [
        mono(2, LOUD, language="deu"),
        mono(2, LOUD, start="0.500000"),
        track(2, LOUD, codec="pcm_s16le"),
        mono(2, LOUD) | {"sample_rate": "44100"},
        track(2, LOUD),  # compressed
        track(2, LOUD, LOUD, codec="pcm_s24le"),
    ],
)
def test_tracks_that_are_unlike_are_no_pair(other):
    assert stereo_pairs([mono(1, LOUD), other]) == []
    choice = heard([mono(1, LOUD), other])[0]
    assert choice.right is None
    assert choice.track["index"] == 1


def test_tracks_pair_up_in_the_order_of_the_file():
    tracks = [mono(n, LOUD) for n in range(5)]
    assert [(a["index"], b["index"]) for a, b in stereo_pairs(tracks)] == [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("loud", "side"),
    [
        ([LOUD, DEAD], 0),
        ([DEAD, LOUD], 1),
        ([LOUD, -70.0], 0),
        ([-55.0, -70.0], None),  # both are next to nothing
        ([LOUD, -50.0], None),  # quiet, but there
        ([DEAD, DEAD], None),
        ([LOUD], None),
        ([LOUD, DEAD, DEAD], None),
        ([], None),
    ],
)
def test_the_living_side_of_two(loud, side):
    assert only_live_side(loud) == side


@given(st.lists(st.floats(-120, 3) | st.just(DEAD), max_size=8))
def test_a_side_is_named_only_where_it_is_heard(loud):
    side = only_live_side(loud)
    assert side is None or loud[side] > -60 >= loud[1 - side]


@given(st.lists(st.floats(-120, 3) | st.just(DEAD), max_size=4), st.floats(0, 120))
def test_what_is_settled_by_a_beginning_stays_the_same(begun, more):
    later = [level + more for level in begun]
    if is_settled(begun):
        assert (is_audible(begun), only_live_side(begun)) == (
            is_audible(later),
            only_live_side(later),
        )
        assert is_audible(begun)


PRINTED = """
[astats@3 @ 0x5581] Channel: 1
[astats@3 @ 0x5581] Peak level dB: -7.958800
[astats@12 @ 0x5582] Channel: 1
[astats@12 @ 0x5582] Peak level dB: -1.0
[astats@3 @ 0x5581] Channel: 2
[astats@3 @ 0x5581] Peak level dB: -inf
"""


def test_the_loudest_of_each_channel_is_read():
    assert parse_peaks(PRINTED, 3) == [-7.9588, DEAD]
    assert parse_peaks(PRINTED, 12) == [-1.0]
    louder = PRINTED.replace("-inf", "-20.5").replace("-7.958800", "nan")
    assert parse_peaks(PRINTED + louder, 3) == [-7.9588, -20.5]
    assert (
        parse_peaks("", 3) == parse_peaks("Peak level dB: -3", 3) == parse_peaks(PRINTED, 1) == []
    )
    assert parse_peaks(PRINTED.replace("-inf", "what"), 3) == [-7.9588, DEAD]


LATE = "0.5*sin(2*PI*700*t)*gte(t,2)"
STEADY = "0.5*sin(2*PI*700*t)"


@pytest.fixture
def reads(monkeypatch):
    """What is measured: (indexes of the tracks, how much of them) of each reading."""
    monkeypatch.setattr(track_levels, "BEGINNING_SECONDS", 1)
    found = []
    reading = track_levels.peaks_command

    def counted(source, indexes, seconds):
        found.append((list(indexes), seconds))
        return reading(source, indexes, seconds)

    monkeypatch.setattr(track_levels, "peaks_command", counted)
    return found


@pytest.mark.parametrize(
    ("tracks", "heard", "expected"),
    [
        ([STEADY], 1, [([1], 1)]),
        ([f"{STEADY}|{STEADY}", "0"], 1, [([1], 1)]),
        ([LATE], 1, [([1], 1), ([1], None)]),
        ([f"{STEADY}|{LATE}"], 1, [([1], 1), ([1], None)]),
        (["0|0", "0", STEADY], 3, [([1], 1), ([2, 3], 1), ([1, 2], None)]),
        (["0|0", "0", "0", LATE], 4, [([1], 1), ([2, 3, 4], 1), ([1, 2, 3, 4], None)]),
        (["0"] * 4, 1, [([1], 1), ([2, 3, 4], 1), ([1, 2, 3, 4], None)]),
    ],
)
def test_a_source_is_read_to_its_end_once_at_most(tracks, heard, expected, reads, tmp_path):
    source = tmp_path / "a.mkv"
    recorders.sounding(*tracks, options=("-c:a", "flac"), seconds=3)(source)
    facts = probe(source)
    assert facts.sound.index == heard
    assert "only_left" not in facts.remarks
    assert reads == expected


def test_a_track_that_cannot_be_played_keeps_no_other_silent(tmp_path, reads):
    """What all at once has failed for is not tried again, and no more is read of the others."""
    source = tmp_path / "a.mkv"
    recorders.sounding("0", STEADY, options=("-c:a", "flac"))(source)
    tracks = [{"index": 1}, {"index": 7}, {"index": 2}]
    peaks = track_levels.measured_peaks(source, tracks)
    assert [peaks(track) for track in tracks] == [[DEAD], [], [pytest.approx(-6.02, abs=0.05)]]
    assert reads == [
        ([1], 1), ([7, 2], 1), ([7], 1), ([2], 1), ([1], None), ([7], None),
    ]  # fmt: skip


def test_all_tracks_of_a_source_share_the_time_for_listening(tmp_path, reads, monkeypatch):
    clock = iter([0, 0, 3000, 3599, 3601, 3602, 3603, 3604])
    monkeypatch.setattr(track_levels, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    given = []

    def run(command, limits, *, timeout):
        given.append(timeout)
        return ToolResult(None, "", "")

    monkeypatch.setattr(track_levels, "run", run)
    tracks = [{"index": 1}, {"index": 2}, {"index": 3}]
    assert track_levels.Meter(tmp_path / "a.mkv").peaks(tracks) == {1: [], 2: [], 3: []}
    assert given == [3600, 600, 1]
    assert reads == [([1, 2, 3], None), ([1], None), ([2], None)]
