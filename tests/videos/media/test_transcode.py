"""`manage.py transcode` over media made in code, and over real footage."""

import hashlib
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.videos.media.checks import assert_refused, assert_whole_set, measure, tracks
from tests.videos.media.conftest import command, run, tools_running, within
from videos.media.errors import EncodeFailed
from videos.media.management.commands.transcode import Failed, Refused
from videos.media.transcoding import hls, pipeline
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox import binaries


def corner(picture: Path, where: str) -> str:
    """The colour of a corner of the first picture: the largest of its parts, or white."""
    place = {"above left": "8:8", "above right": "iw-40:8", "below left": "8:ih-40"}[where]
    raw = subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-i", str(picture), "-vf",
         f"crop=32:32:{place},scale=1:1", "-frames:v", "1", "-f", "rawvideo",
         "-pix_fmt", "rgb24", "-"],
        capture_output=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    red, green, blue = raw
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


def loudness(sound: Path) -> list[tuple[float, float]]:
    """(start, end) of what is silent in a sound, in seconds."""
    said = measure(sound, "-af|silencedetect=n=-50dB:d=0.3,ametadata=print:file=-")
    starts = re.findall(r"silence_start=([0-9.]+)", said)
    ends = re.findall(r"silence_end=([0-9.]+)", said)
    return [
        (float(start), float(end))
        for start, end in zip(starts, [*ends, "inf"][: len(starts)], strict=False)
    ]


def test_real_footage_becomes_a_whole_set(transcoded):
    told = assert_whole_set(transcoded("bunny"))
    assert told["source"] == {
        "width": 1280,
        "height": 720,
        "seconds": 5.312,
        "frame_rate": 25.0,
        "has_audio": True,
        "rotation": 0,
        "hdr": False,
    }
    assert [(r["width"], r["height"]) for r in told["renditions"]] == [
        (1280, 720),
        (854, 480),
        (640, 360),
        (426, 240),
    ]
    bitrates = [r["bitrate"] for r in told["renditions"]]
    assert sorted(bitrates, reverse=True) == bitrates


def test_renditions_can_be_switched_at_every_segment(transcoded):
    ran = transcoded("ntsc.mp4")
    lengths = {
        hls.parse((ran.folder / r["path"]).read_text()).segments for r in ran.told["renditions"]
    }
    assert len(lengths) == 1
    assert len(lengths.pop()) == 3


def test_a_key_picture_begins_every_segment(transcoded):
    said = subprocess.run(
        [binaries.ffprobe(), "-v", "error", "-skip_frame", "nokey", "-show_entries",
         "frame=pts_time", "-of", "csv=p=0",
         str(transcoded("ntsc.mp4").folder / "426x240" / "index.m3u8")],
        capture_output=True, check=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    times = [round(float(line.strip(",")) * 100) / 100 for line in said.split()]
    assert {0, 6.01, 12.01} <= {round(time - times[0], 2) for time in times}


def test_segments_keep_to_the_pictures_at_every_rate(transcoded):
    """30000/1001 frames a second: a segment is 6.006 s, and the thousandth does not add up."""
    told = assert_whole_set(ran := transcoded("ntsc.mp4"))
    for rendition in told["renditions"]:
        listed = hls.parse((ran.folder / rendition["path"]).read_text())
        assert [length for _name, length in listed.segments[:-1]] == pytest.approx([6.006] * 2)


def test_key_pictures_can_be_fetched_alone(transcoded, tmp_path):
    """Fast winding: the bytes that a playlist names are one picture, each."""
    ran = transcoded("bunny")
    master = (ran.folder / "master.m3u8").read_text()
    lines = re.findall(r'#EXT-X-I-FRAME-STREAM-INF:.*BANDWIDTH=(\d+),.*URI="(.+)"', master)
    assert [path for _rate, path in lines] == [
        r["path"].replace("index", "keys") for r in ran.told["renditions"]
    ]
    for number, (_rate, path) in enumerate(lines):
        text = (ran.folder / path).read_text()
        assert "#EXT-X-I-FRAMES-ONLY\n" in text
        folder = (ran.folder / path).parent
        for length, offset, name in re.findall(r"BYTERANGE:(\d+)@(\d+)\n(\S+)", text):
            part = (folder / name).read_bytes()[int(offset) :][: int(length)]
            assert len(part) == int(length)
            one = tmp_path / f"{number}-{name}.mp4"
            one.write_bytes((folder / "init.mp4").read_bytes() + part)
            shown = measure(one, "-frames:v|1|-vf|signalstats,metadata=print:file=-")
            assert shown.count("frame:") == 1


def test_the_download_is_one_file_that_plays_while_it_arrives(transcoded):
    ran = transcoded("bunny")
    file = ran.folder / "download.mp4"
    picture, sound = tracks(file)
    assert (picture["width"], picture["codec_name"], sound["codec_name"]) == (1280, "h264", "aac")
    assert float(picture["start_time"]) == float(sound["start_time"]) == 0
    for track in (picture, sound):
        assert abs(float(track["duration"]) - ran.told["seconds"]) < 0.05
    content = file.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_the_preview_is_short_small_and_silent(transcoded):
    ran = transcoded("bunny")
    [picture] = tracks(ran.folder / "preview.mp4")
    assert 2.5 < float(picture["duration"]) < 3.5
    assert picture["width"] == 426
    assert (ran.folder / "preview.mp4").stat().st_size <= 300_000


def test_a_display_matrix_is_obeyed_exactly_once(transcoded):
    told = assert_whole_set(ran := transcoded("turned.mp4"))
    assert (told["source"]["width"], told["source"]["height"]) == (360, 640)
    assert told["source"]["rotation"] == 90
    picture = ran.folder / told["renditions"][0]["path"]
    # A quarter turn clockwise: what was below left is above left.
    assert corner(picture, "above left") == "blue"
    assert corner(picture, "above right") == "red"
    assert corner(ran.folder / told["poster"], "above right") == "red"


def test_interlaced_pictures_are_joined_and_made_square(transcoded):
    told = assert_whole_set(ran := transcoded("interlaced.ts"))
    assert (told["source"]["width"], told["source"]["height"]) == (768, 576)
    said = measure(ran.folder / told["renditions"][0]["path"], "-vf|idet,metadata=print:file=-")
    # By each picture alone: one that looks like fields (this source has one even where its pictures
    # are encoded without loss) makes `multiple` call its neighbours so, too.
    counts = dict(re.findall(r"lavfi\.idet\.single\.(\w+)=([0-9.]+)", said))
    assert float(counts["tff"]) + float(counts["bff"]) <= 2
    assert float(counts["progressive"]) >= 45


def test_hdr_is_brought_into_the_light_of_every_screen(transcoded):
    told = assert_whole_set(ran := transcoded("pq.mp4"))
    assert told["source"]["hdr"] is True
    said = measure(
        ran.folder / told["renditions"][0]["path"],
        "-frames:v|1|-vf|signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
    )
    # Half of the PQ signal is 92 cd/m², 45% of white's 203: that is 72% of the signal.
    assert 165 < float(re.findall(r"YAVG=([0-9.]+)", said)[0]) < 180


def test_a_variable_rate_becomes_a_constant_one(transcoded):
    told = assert_whole_set(transcoded("variable.mp4"))
    assert told["source"]["frame_rate"] < 27
    assert abs(told["seconds"] - 2) < 0.1


def test_odd_sides_are_told_as_they_are_and_encoded_even(transcoded):
    told = assert_whole_set(transcoded("odd.mov"))
    assert (told["source"]["width"], told["source"]["height"]) == (321, 241)
    assert [(r["width"], r["height"]) for r in told["renditions"]] == [(320, 240)]


def test_a_silent_video_has_no_sound(transcoded):
    assert assert_whole_set(transcoded("silent.webm"))["source"]["has_audio"] is False


def test_av1_is_read(transcoded):
    assert_whole_set(transcoded("av1.mp4"))


def test_sound_that_starts_late_is_heard_late(transcoded):
    told = assert_whole_set(ran := transcoded("late-sound.mp4"))
    assert abs(told["seconds"] - 4) < 0.1
    [(start, end)] = loudness(ran.folder / "sound" / "index.m3u8")
    assert start < 0.05
    assert abs(end - 1.5) < 0.1


def test_sound_that_ends_early_is_followed_by_silence(transcoded):
    told = assert_whole_set(ran := transcoded("short-sound.mp4"))
    assert abs(told["seconds"] - 3) < 0.1
    [(start, _end)] = loudness(ran.folder / "sound" / "index.m3u8")
    assert abs(start - 1) < 0.1


def test_the_last_picture_stays_while_the_sound_goes_on(transcoded):
    assert abs(assert_whole_set(transcoded("long-sound.mkv"))["seconds"] - 3) < 0.1


def test_surround_becomes_stereo_that_is_heard(transcoded):
    [*silence] = loudness(transcoded("bunny").folder / "sound" / "index.m3u8")
    assert silence == []


def test_the_poster_is_not_black(transcoded):
    ran = transcoded("bunny")
    said = measure(
        ran.folder / ran.told["poster"],
        "-vf|signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
    )
    assert float(re.findall(r"YAVG=([0-9.]+)", said)[0]) > 40


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("empty.mp4", "The file is empty."),
        ("text.mp4", "This is a text file, not a video."),
        ("playlist.mp4", "This is a playlist, not a video. Upload the video itself."),
        ("concat.mp4", "This is a playlist, not a video. Upload the video itself."),
        ("manifest.mpd", "This is a playlist, not a video. Upload the video itself."),
        ("still.mp4", "This is a still picture, not a video."),
        ("photo.jpg", "This is a still picture, not a video."),
        ("voice.mp4", "The file has no picture, only sound. Upload a video."),
        ("truncated.mp4", "The file is incomplete. Export or copy it again."),
        (
            "truncated-after-its-index.mp4",
            "The file is incomplete. Export or copy it again.",
        ),
        ("hours-apart.mkv", "The file is damaged: its time stamps are hours apart."),
        ("a-picture-in-22-minutes.avi", "The file is damaged: its time stamps are hours apart."),
        ("noise-in-a-shell.mp4", "The file is damaged: no frame of its picture can be shown."),
        (
            "protected.mp4",
            "The file is protected and cannot be played. Export it without copy protection.",
        ),
    ],
)
def test_what_is_no_video_is_refused_in_words(transcoded, media, name, words):
    before = hashlib.sha256(media(name).read_bytes()).hexdigest()
    assert assert_refused(transcoded(name)) == f"Refused: {words}"
    assert hashlib.sha256(media(name).read_bytes()).hexdigest() == before


@pytest.mark.parametrize("name", ["text.mp4", "truncated.mp4", "noise-in-a-shell.mp4"])
def test_a_refusal_is_one_line_on_standard_error(media, tmp_path, name):
    assert_refused(run(media(name), tmp_path))


def test_a_name_that_looks_like_an_option_is_only_a_name(media, tmp_path):
    source = media("-x concat:1|2.mp4")
    process = command(source, tmp_path / "set")
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def test_a_folder_may_have_signs_that_mean_something_to_tools(media, tmp_path):
    assert_whole_set(within(media("captioned.mp4"), tmp_path / "http:100%d"))


def test_captions_within_a_file_are_no_reason_to_refuse_it(transcoded):
    told = assert_whole_set(transcoded("captioned.mp4"))
    assert told["remarks"] == ["The file contains captions: unknown language."]


def test_hdr_light_is_mapped_where_the_colours_are_not_told(transcoded):
    assert assert_whole_set(transcoded("pq-untold.mkv"))["source"]["hdr"] is True


def test_fields_are_found_where_only_the_pictures_tell_of_them(media):
    assert probe(media("dv.avi")).interlaced is True
    assert probe(media("captioned.mp4")).interlaced is False


def test_picture_and_sound_begin_together_by_their_edit_lists(transcoded):
    ran = transcoded("bunny")
    begin = {}
    for name in ("426x240", "sound"):
        first = (ran.folder / name / "init.mp4").read_bytes()
        at = first.index(b"elst") + 4
        # Version 0, one entry: no time of nothing before it.
        assert first[at : at + 8] == (1).to_bytes(8)
        begin[name] = int.from_bytes(first[at + 12 : at + 16])
    assert begin["sound"] == 1024  # samples that AAC begins with
    assert begin["426x240"] > 0


def test_a_usage_error_is_told_apart_from_a_refusal(media, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    process = command(media("text.mp4"), tmp_path)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "not empty" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_source_or_a_file_for_a_folder_is_a_usage_error(media, tmp_path):
    for source, folder, words in [
        (tmp_path / "nowhere.mp4", tmp_path / "set", "no such file"),
        (media("text.mp4"), media("text.mp4"), "not a folder"),
    ]:
        with pytest.raises(CommandError, match=words) as error:
            call_command("transcode", str(source), str(folder))
        assert not isinstance(error.value, Refused | Failed)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_killing_the_command_leaves_no_child(bunny, tmp_path, how):
    process = command(bunny, tmp_path / "set")
    mine = str(tmp_path / "set")
    until(lambda: any(mine in line for line in tools_running()), 60)
    process.send_signal(how)
    process.communicate(timeout=30)
    until(lambda: not any(mine in line for line in tools_running()), 10)
    if how == signal.SIGTERM:
        assert list((tmp_path / "set").iterdir()) == []


def until(true, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_what_fails_beside_the_sound_is_told_when_the_sound_is_done(media, tmp_path, monkeypatch):
    failed, done = threading.Event(), []

    def broken(*arguments):
        failed.set()
        raise EncodeFailed("There is no poster.", "incomplete")

    def settled(*arguments):
        assert failed.wait(20)
        done.append((tmp_path / "sound" / "index.m3u8").is_file())

    monkeypatch.setattr(pipeline.auto_poster, "write_poster", broken)
    monkeypatch.setattr(pipeline, "encode_to_target", settled)
    with pytest.raises(EncodeFailed, match="There is no poster"):
        pipeline.transcode(media("late-sound.mp4"), tmp_path)
    assert done == [True]
    assert not [line for line in tools_running() if str(tmp_path) in line]
