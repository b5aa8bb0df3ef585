"""What real recorders, cameras and call tools leave comes out whole, heard and undistorted."""

from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media import recorders
from tests.videos.media.conftest import Maker
from tests.videos.media.measured import (
    first_tone,
    levels,
    made,
    near,
    pixel,
    rendition,
    whites,
)
from videos.media.transcoding.boxes import boxes
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.source_info import SourceInfo

PCM = ("-c:a", "pcm_s16le")
FLAC = ("-c:a", "flac")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recorders")


WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (253, 0, 0)

SOUNDS: dict[str, tuple[Maker, tuple[str, ...], int]] = {
    # name: (maker, remarks, number of the track that is heard)
    "second-mono.mov": (recorders.sounding("0", "X", options=PCM), ("other_track",), 2),
    "first-mono.mov": (recorders.sounding("X", "0", options=PCM), (), 1),
    "third-mono.mxf": (
        recorders.sounding("0", "0", "X", "0", video=recorders.MPEG2, options=PCM),
        ("other_track",), 3,
    ),
    "second-pair.mxf": (
        recorders.sounding("0", "0", "X", "X", video=recorders.MPEG2, options=PCM),
        ("other_track",), 3,
    ),
    "silent-first.mkv": (
        recorders.sounding(
            "0|0", "X", options=(*FLAC, "-c:a:1", "libopus", "-disposition:a:0", "default")
        ),
        ("other_track",), 2,
    ),
    "right.mkv": (recorders.sounding("0|X", options=FLAC), ("only_right",), 1),
    "left.ts": (recorders.sounding("X|0", options=("-c:a", "ac3")), ("only_left",), 1),
    "three.mov": (recorders.placeless("0|0|X"), (), 1),
    "seven.mov": (recorders.placeless("0|0|0|X|0|0|0"), (), 1),
    "sixteen.mov": (recorders.sounding("|".join("0" * 15 + "X"), options=PCM), (), 1),
    "ambisonic.mkv": (recorders.ambisonic, (), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUNDS)
def test_what_sounds_is_heard_on_both_sides(name, folder):
    maker, remarks, number = SOUNDS[name]
    out, facts = made(maker, name, folder)
    assert facts.remarks == remarks
    assert facts.sound is not None
    assert facts.sound.number == number
    sound = out / "sound" / "index.m3u8"
    left, right = levels(sound)
    assert abs(left - right) < 0.5
    assert -40 < left <= 0.3
    assert first_tone(sound) == pytest.approx(1.0, abs=0.03)


def test_two_mono_tracks_are_the_two_sides(folder):
    loud, quiet = "0.4*sin(2*PI*700*t)", "0.1*sin(2*PI*300*t)"
    maker = recorders.sounding(loud, quiet, options=("-c:a", "pcm_s24le"))
    out, facts = made(maker, "sides.mov", folder)
    assert facts.remarks == ()
    left, right = levels(out / "sound" / "index.m3u8")
    assert 8 < left - right < 18  # by 12 dB, but for what a codec adds at a tone's edges


def test_a_track_that_a_person_chose_is_heard_though_it_is_one_of_two(folder):
    loud, quiet = "0.4*sin(2*PI*700*t)", "0.1*sin(2*PI*300*t)"
    maker = recorders.sounding(loud, quiet, options=("-c:a", "pcm_s24le"))
    out, facts = made(maker, "chosen.mov", folder, track=2)
    assert (facts.sound.number, facts.sound.right) == (2, None)
    left, right = levels(out / "sound" / "index.m3u8")
    assert abs(left - right) < 0.5


def test_a_source_without_a_sound_that_can_be_heard_says_so(folder):
    maker = recorders.sounding("0|0", "0", options=FLAC)
    _out, facts = made(maker, "silent.mkv", folder)
    assert facts.remarks == ("silent",)


@pytest.mark.parametrize(
    ("name", "maker"),
    [("turned.webm", recorders.turned_webm), ("turned.ts", recorders.turned_ts)],
)
def test_a_picture_that_turns_is_whole_between_bars(name, maker, folder):
    out, facts = made(maker, name, folder)
    assert (facts.width, facts.height, facts.varies) == (180, 320, True)
    assert facts.remarks == ("sizes",)
    assert facts.seconds == pytest.approx(4, abs=0.06)
    assert near(pixel(out, 0.5, 0.5, 0.5), WHITE)
    for x in (0.03, 0.95):  # 180 × 101 of the first picture, in the middle
        assert near(pixel(out, x, 0.5, 0.5), WHITE)
        assert near(pixel(out, x, 0.37, 0.5), WHITE)
        assert near(pixel(out, x, 0.31, 0.5), BLACK)
        assert near(pixel(out, x, 0.69, 0.5), BLACK)
        assert near(pixel(out, x, 0.02, 2.5), RED)
        assert near(pixel(out, x, 0.97, 3.5), RED)


@pytest.mark.parametrize(
    ("name", "maker", "rate", "seconds"),
    [
        ("jitter.mp4", recorders.jittered, 50, 5.5),
        ("rateless.webm", recorders.rateless, 24, 6),
    ],
)
def test_pictures_that_come_when_they_come_have_the_rate_that_is_seen(
    name, maker, rate, seconds, folder
):
    out, facts = made(maker, name, folder)
    assert float(facts.constant_rate) == rate
    assert float(facts.frame_rate) == pytest.approx(rate, rel=0.05)
    assert facts.seconds == pytest.approx(seconds, abs=0.06)
    assert len(whites(rendition(out))) == facts.frames


CASES: dict[str, Maker] = {
    "box.mp4": make.patched(make.clip(), "whole.mp4", recorders.with_unknown_box),
    "box.mov": make.patched(make.clip(), "whole.mov", recorders.with_unknown_box),
    "tail.mp4": make.patched(make.clip(), "whole.mp4", recorders.with_long_tail),
    **{f"cover-{kind}.mkv": recorders.covered(kind) for kind in ("gif", "bmp", "tiff", "webp")},
}


@pytest.mark.parametrize("name", CASES)
def test_what_lies_beside_the_film_keeps_no_source_out(name, folder):
    out, facts = made(CASES[name], name, folder)
    assert (facts.width, facts.height, facts.remarks) == (320, 180, ())
    assert facts.seconds == pytest.approx(2, abs=0.06)
    assert first_tone(out / "sound" / "index.m3u8") == pytest.approx(1.0, abs=0.03)
    flash = next(time for time, white in whites(rendition(out)) if white > 125)
    assert flash == pytest.approx(1.0, abs=0.045)


@pytest.mark.parametrize(
    ("name", "maker"),
    [("crash.mp4", recorders.fragmented), ("head.mp4", recorders.cut_in_its_head)],
)
def test_a_recording_in_fragments_that_broke_off_is_shown_so_far(name, maker, folder):
    out, facts = made(maker, name, folder)
    assert facts.remarks == ("broken_off",)
    assert 2.8 <= facts.seconds <= 3.65
    assert facts.picture_seconds == pytest.approx(facts.seconds)
    assert first_tone(out / "sound" / "index.m3u8") == pytest.approx(1.0, abs=0.03)
    assert len(whites(rendition(out))) == facts.frames


@pytest.mark.parametrize("maker", [recorders.in_fragments, recorders.announced])
def test_wherever_it_broke_off_what_is_there_is_taken(maker, tmp_path):
    """Cut off within a fragment's description, after boxes, within pictures, and within headers."""
    folder = tmp_path / "subfile,,end,9,,:a"  # names that mean something to ffmpeg
    folder.mkdir()
    whole, source = folder / "whole.mp4", folder / "http:,,:crash.mp4"
    maker(whole)
    content = whole.read_bytes()
    with whole.open("rb") as file:
        told = [(box.name, box.end) for box in boxes(file, 0, len(content))]
    ends = [stop for _name, stop in told]
    end = max(stop for name, stop in told if name == b"mdat")
    last = content.rindex(b"moof", 0, end) - 4
    offsets = [last + n for n in (1, 7, 8, 9, 40, 100, 150, 200)]
    offsets += [*ends[-6:-1], *(stop - 1 for stop in ends[-6:]), *range(end // 3, end, end // 5)]
    found = {}
    for size in sorted(size for size in set(offsets) if size < end):
        source.write_bytes(content[:size])
        facts = probe(source)
        if size not in ends:  # where a box ends, nothing tells that another one was to come
            assert "broken_off" in facts.remarks, size
            found[size] = facts.seconds
    assert len(found) > 12
    assert list(found.values()) == pytest.approx(sorted(found.values()), abs=0.03)
    assert all(seconds == pytest.approx(4 * size / end, abs=0.7) for size, seconds in found.items())


def test_of_a_clean_aperture_the_inside_alone_is_seen(folder):
    out, facts = made(recorders.with_clean_aperture, "aperture.mov", folder)
    assert (facts.width, facts.height) == (240, 160)
    for x in (0.01, 0.98):
        for y in (0.02, 0.96):
            assert near(pixel(out, x, y), WHITE)


@pytest.mark.parametrize("codec", ["VP8", "VP9"])
def test_what_shines_through_beside_the_picture_is_black(codec, folder):
    maker = recorders.see_through(getattr(recorders, codec))
    out, facts = made(maker, f"{codec}.webm", folder)
    assert facts.alpha
    assert near(pixel(out, 0.2, 0.5), BLACK)
    assert near(pixel(out, 0.8, 0.5), WHITE)


@pytest.mark.parametrize("matrix", ["smpte170m", "bt470bg"])
def test_colours_by_bt601_are_seen_as_they_were_meant(matrix, folder):
    out, _facts = made(recorders.greys(matrix), f"{matrix}.mp4", folder)
    for x, grey in ((0.375, 16), (0.625, 128), (0.875, 255)):
        assert near(pixel(out, x, 0.5, 0.5), (grey,) * 3, by=1)
    assert near(pixel(out, 0.125, 0.5, 0.5), (180, 60, 60), by=3)


@pytest.mark.parametrize(
    ("name", "size", "video"),
    [
        ("animation.mov", "640x360", ("-c:v", "qtrle", "-pix_fmt", "rgb24")),
        ("see-through.mov", "640x360", ("-c:v", "qtrle", "-pix_fmt", "argb")),
        ("png.mov", "640x360", ("-c:v", "png", "-pix_fmt", "rgb24")),
        ("raw.avi", "640x360", ("-c:v", "rawvideo", "-pix_fmt", "bgr24")),
        ("planes.mkv", "640x360", ("-c:v", "ffv1", "-pix_fmt", "gbrp")),
        ("deep.mkv", "640x360", ("-c:v", "ffv1", "-pix_fmt", "yuv422p10le")),
        ("uyvy.mov", "640x360", ("-c:v", "rawvideo", "-pix_fmt", "uyvy422")),
        ("dv.avi", "720x480", ("-c:v", "dvvideo", "-pix_fmt", "yuv411p", "-r", "30000/1001")),
        ("photo.avi", "640x360", ("-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p")),
    ],
)
def test_colours_in_any_format_are_seen_as_they_were_meant(name, size, video, folder):
    out, _facts = made(recorders.patches(size, *video), name, folder)
    for x, grey in ((0.375, 16), (0.625, 128), (0.875, 255)):
        assert near(pixel(out, x, 0.5, 0.5), (grey,) * 3, by=3)
    assert near(pixel(out, 0.125, 0.5, 0.5), (180, 60, 60), by=6)


@pytest.mark.parametrize("name", ["plain.mp4", "plain.mkv"])
def test_in_the_mp4_download_sound_and_picture_are_where_they_were(name, folder):
    out, _facts = made(make.clip(), name, folder)
    download = out / "download.mp4"
    assert first_tone(download, 0.001) == pytest.approx(1.0, abs=0.005)
    flash = next(time for time, white in whites(download) if white > 125)
    assert flash == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", ["crash.mp4", "turned.webm", "sides.mov"])
def test_facts_come_back_from_what_is_kept_of_them(name, folder):
    makers = {"crash.mp4": recorders.fragmented, "turned.webm": recorders.turned_webm}
    source = folder / f"kept-{name}"
    makers.get(name, recorders.sounding("X", "X", options=PCM))(source)
    facts: SourceInfo = probe(source)
    assert SourceInfo.from_values(facts.as_values()) == facts
