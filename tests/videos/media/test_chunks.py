"""A source cut up by time comes out as it does in one run: no frame doubled, lost or moved."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import ffmpeg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.videos.media.conftest import X264, Maker, lavfi
from tests.videos.media.conftest import ffmpeg as run_ffmpeg
from videos.media.transcoding import chunks, filters, hls, pipeline
from videos.media.transcoding.chunks import ChunkMismatch, Span
from videos.media.transcoding.hls_output import gop_frames, segment_frames, segment_seconds
from videos.media.transcoding.ladder import Rung
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import input_options, input_url
from videos.media.transcoding.source_info import SourceInfo

SMALL = Rung(128, 72, 300_000)
RATES = [Fraction(5), Fraction(24_000, 1001), Fraction(25), Fraction(30_000, 1001), Fraction(60)]
MEDIUM = ("-c:v", "libx264", "-preset", "medium", "-pix_fmt", "yuv420p", "-g", "70", "-bf", "3")


def trimmed(path: Path) -> None:
    """Begins between key frames: an edit list hides what is decoded before."""
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *MEDIUM, seconds=14)(whole)
    run_ffmpeg("-ss", "1.3", "-i", str(whole), "-c", "copy", str(path))


def late(path: Path) -> None:
    """A file whose clock begins at five seconds."""
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *MEDIUM, seconds=13)(whole)
    run_ffmpeg("-itsoffset", "5", "-i", str(whole), "-c", "copy", str(path))


def late_picture(path: Path) -> None:
    whole = path.with_name("whole-" + path.name)
    lavfi("testsrc2=s=320x180:r=25", *MEDIUM, "-c:a", "aac", sound="sine=1000", seconds=13)(whole)
    run_ffmpeg(
        *("-itsoffset", "1.5", "-i", str(whole), "-i", str(whole), "-map", "0:v", "-map", "1:a"),
        *("-c", "copy", str(path)),
    )


SOURCES: dict[str, Maker] = {
    "b-frames.mp4": lavfi("testsrc2=s=320x180:r=25", *MEDIUM, seconds=13),
    "ntsc.mp4": lavfi("testsrc2=s=320x180:r=30000/1001", *MEDIUM, seconds=13),
    "open-groups.mp4": lavfi(
        "testsrc2=s=320x180:r=25", *MEDIUM, "-x264-params", "open-gop=1:bframes=5", seconds=13
    ),
    "open-groups-hevc.mkv": lavfi(
        "testsrc2=s=320x180:r=25",
        *("-c:v", "libx265", "-preset", "ultrafast", "-g", "60"),
        *("-x265-params", "log-level=error:open-gop=1:bframes=4"),
        seconds=13,
    ),
    "variable.mp4": lavfi(
        "testsrc2=s=320x180:r=30,select='not(eq(mod(n,5),3)+eq(mod(n,7),2))*not(between(n,95,160))'",
        *MEDIUM,
        *("-fps_mode", "vfr"),
        seconds=13,
    ),
    "screen.mkv": lavfi(
        "testsrc2=s=320x180:r=30,select='eq(mod(n,11),0)+eq(mod(n,29),0)'",
        *X264,
        *("-fps_mode", "vfr"),
        seconds=13,
    ),
    "hidden-alt-refs.webm": lavfi(
        "testsrc2=s=320x180:r=30",
        *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "1"),
        *("-lag-in-frames", "16", "-g", "100"),
        seconds=13,
    ),
    "interlaced.mov": lavfi(
        "testsrc2=s=320x240:r=50,tinterlace=interleave_top,fieldorder=tff",
        *("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-g", "15", "-bf", "2"),
        seconds=13,
    ),
    "trimmed.mp4": trimmed,
    "late.mkv": late,
    "late-picture.mkv": late_picture,
    "long-sound.mp4": lavfi(
        "testsrc2=s=320x180:r=25:d=5", *X264, "-c:a", "aac", sound="sine=1000:d=13", seconds=13
    ),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("sources")

    def made(name: str) -> Path:
        if not (folder / name).exists():
            SOURCES[name](folder / name)
        return folder / name

    return made


def frames(picture: ffmpeg.Stream, facts: SourceInfo) -> list[tuple[int, str]]:
    """(time in frames, checksum) of each frame that an encoder is handed."""
    out = ffmpeg.output(
        filters.scaled(picture, SMALL, filters.normalized_matrix(facts), "lanczos"),
        "-",
        format="framemd5",
        fps_mode="passthrough",
    )
    ended = subprocess.run(
        out.global_args("-v", "error", "-nostdin").compile(cmd=binaries.ffmpeg()),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = [line.split(",") for line in ended.stdout.splitlines() if not line.startswith("#")]
    return [(int(line[2]), line[5].strip()) for line in lines]


@pytest.mark.parametrize("name", SOURCES)
def test_spans_hand_an_encoder_the_very_frames_of_one_run(source, name):
    path = source(name)
    facts = probe(path)
    read = ffmpeg.input(input_url(path), **input_options(path))[str(facts.index)]
    whole = frames(filters.normalized(read, facts, SMALL), facts)
    assert [time for time, _checksum in whole] == list(range(facts.frames))
    cut_up = chunks.split(facts.frames, facts.constant_rate, 4)
    assert len(cut_up) > 2
    joined = []
    for span in cut_up:
        joined += frames(chunks.span_pictures(path, facts, SMALL, span), facts)
    assert joined == whole


@given(st.integers(1, 400_000), st.sampled_from(RATES), st.integers(4, 600))
def test_spans_lie_side_by_side_on_the_borders_of_segments(count, rate, seconds):
    cut_up = chunks.split(count, rate, seconds)
    segment = segment_frames(rate)
    assert [frame for span in cut_up for frame in (span.first, span.part.stop)][1:-1] == [
        border for span in cut_up[1:] for border in (span.first, span.first)
    ]
    assert (cut_up[0].first, cut_up[-1].part.stop) == (0, count)
    assert all(span.first == span.first_segment * segment for span in cut_up)
    assert all(span.frames > 0 for span in cut_up)
    assert [span.number for span in cut_up] == list(range(len(cut_up)))
    assert len(cut_up) <= 1.5 * chunks.MAX_SPANS


def test_an_hour_is_cut_into_minutes():
    cut_up = chunks.split(3600 * 25, Fraction(25), 60)
    assert len(cut_up) == 60
    assert {span.frames for span in cut_up} == {60 * 25}


@pytest.mark.parametrize("rate", RATES)
def test_segments_are_as_long_after_hours_as_at_first(rate):
    frames_each = segment_frames(rate)
    told = Fraction(segment_seconds(rate))
    for number in (1, 500, 5000):
        begins = Fraction(number * frames_each) / rate
        previous_group = begins - gop_frames(rate) / rate
        assert previous_group < number * told <= begins


@pytest.fixture(scope="module")
def both(source, tmp_path_factory):
    """(made in one run, made in spans and joined) of a source at 29.97 frames a second."""
    path = source("ntsc.mp4")
    facts = probe(path)
    rungs = [SMALL, Rung(64, 36, 100_000)]
    one = tmp_path_factory.mktemp("one")
    all_of_it = Span(0, 0, facts.frames, 0)
    chunks.encode_span(path, one, facts, rungs, all_of_it)
    plan = chunks.Plan.from_text(chunks.make_plan(facts, rungs, 4).as_text())
    parts = []
    for span in plan.spans:
        parts.append(tmp_path_factory.mktemp("part"))
        chunks.encode_span(path, parts[-1], plan.info, plan.rungs, span)
    joined = tmp_path_factory.mktemp("joined")
    chunks.join_spans(parts, joined, plan.rungs)
    return one, joined, facts, rungs


def test_joined_playlists_and_first_files_are_those_of_one_run(both):
    one, joined, facts, rungs = both
    for rung in rungs:
        name = rung.folder
        files = {path.name for path in (one / name).iterdir()}
        assert {path.name for path in (joined / name).iterdir()} == files
        for same in ("index.m3u8", "init.mp4"):
            assert (joined / name / same).read_bytes() == (one / name / same).read_bytes()
    assert len(pipeline.complete_set(joined, replace(facts, sound=None), rungs).renditions) == 2


def test_joined_pictures_have_the_times_of_one_run(both):
    one, joined, facts, rungs = both
    for rung in rungs:
        stamps = [times(folder / rung.folder / "index.m3u8") for folder in (one, joined)]
        assert stamps[0] == stamps[1]
        assert len(stamps[0]) == facts.frames


def times(path: Path) -> list[str]:
    """The times of the frames, all of which decode without a complaint."""
    ended = subprocess.run(
        [binaries.ffprobe(), "-v", "error", "-show_entries", "frame=pts", "-of", "csv=p=0", path],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not ended.stderr
    return [line.split(",")[0] for line in ended.stdout.split()]


def test_a_span_that_lacks_a_frame_is_noticed(both, tmp_path):
    one, _joined, facts, _rungs = both
    folder = tmp_path / "128x72"
    folder.mkdir()
    text = (one / "128x72" / "index.m3u8").read_text()
    (folder / "index.m3u8").write_text(text)
    whole = Span(0, 0, facts.frames, 0)
    chunks.verify_span(folder, facts.constant_rate, whole)
    for wrong in (replace(whole, frames=facts.frames + 1), replace(whole, first_segment=1)):
        with pytest.raises(ChunkMismatch):
            chunks.verify_span(folder, facts.constant_rate, wrong)


def test_spans_that_were_encoded_otherwise_are_not_joined(both, tmp_path):
    one, _joined, _facts, _rungs = both
    other = tmp_path / "other" / "128x72"
    other.mkdir(parents=True)
    (other / "init.mp4").write_bytes(b"other")
    (other / "index.m3u8").write_text((one / "128x72" / "index.m3u8").read_text())
    (tmp_path / "folder").mkdir()
    with pytest.raises(ChunkMismatch):
        chunks.join_spans([one, other.parent], tmp_path / "folder", [SMALL])


def test_a_plan_of_another_way_to_encode_is_not_ours(both):
    _one, _joined, facts, rungs = both
    ours = chunks.make_plan(facts, rungs, 60)
    assert ours.is_current
    assert chunks.Plan.from_text(ours.as_text()) == ours
    assert not replace(ours, rungs=ours.rungs[:1]).is_current


def test_a_plan_with_sound_is_the_same_when_it_is_read_again(source):
    plan = chunks.make_plan(probe(source("long-sound.mp4")), [SMALL], 60)
    assert plan.info.tracks
    assert chunks.Plan.from_text(plan.as_text()) == plan


def test_only_files_with_an_index_are_cut_up(source, media):
    assert chunks.has_index(source("ntsc.mp4"))
    assert chunks.has_index(source("late.mkv"))
    assert not chunks.has_index(media("interlaced.ts"))


def test_joined_playlists_tell_the_longest_segment():
    texts = [
        "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\n00000.m4s\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:4.6,\n00001.m4s\n#EXT-X-ENDLIST\n",
    ]
    media = hls.parse(hls.concatenated(texts))
    assert media.segments == (("00000.m4s", 4.0), ("00001.m4s", 4.6))
    assert "#EXT-X-TARGETDURATION:5\n" in hls.concatenated(texts)
