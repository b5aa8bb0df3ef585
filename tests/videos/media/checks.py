"""What is true of everything the pipeline makes or refuses, whoever's file it is."""

import json
import re
import subprocess
from pathlib import Path

from tests.videos.media.conftest import Ran
from videos.media.transcoding import hls
from videos.media.transcoding.sandbox import binaries

JARGON = re.compile(
    r"ffmpeg|ffprobe|moov|codec|demux|stream|atom|invalid data|traceback|errno|pts\b|\bpps\b|nal\b",
    re.IGNORECASE,
)
LINE = re.compile(r"#EXT-X-STREAM-INF:(.*)\n(\S+)")


def assert_refused(ran: Ran) -> str:
    """Exit 1, one line for a producer, and nothing left. Returns the line."""
    assert ran.code == 1, ran.err
    assert ran.out == ""
    [line] = ran.err.splitlines()
    assert not JARGON.search(line), line
    assert "/" not in line
    assert line.endswith(".")
    assert list(ran.folder.iterdir()) == []
    return line


def assert_whole_set(ran: Ran) -> dict:
    """A complete set that plays, as the JSON says. Returns the JSON."""
    assert ran.code == 0, ran.err
    assert ran.err == ""
    told = ran.told
    keys = {"source", "renditions", "master", "poster", "storyboard", "seconds"}
    assert set(told) - {"remarks"} == keys
    assert told.get("remarks") != []
    master = (ran.folder / told["master"]).read_text()
    variants = LINE.findall(master)
    assert [path for _line, path in variants] == [r["path"] for r in told["renditions"]]
    for (line, _path), rendition in zip(variants, told["renditions"], strict=True):
        assert f"RESOLUTION={rendition['width']}x{rendition['height']}" in line
        assert f'CODECS="{rendition["codecs"]}"' in line
        assert f"AVERAGE-BANDWIDTH={rendition['bitrate']}" in line
        assert_playable(ran.folder / rendition["path"], told["seconds"])
        pictures = tracks(ran.folder / rendition["path"])
        assert [track["codec_type"] for track in pictures] == ["video"]
        picture = pictures[0]
        assert (picture["width"], picture["height"]) == (rendition["width"], rendition["height"])
        assert picture["pix_fmt"] == "yuv420p"
        assert picture["color_transfer"] == picture["color_primaries"] == "bt709"
        assert "side_data_list" not in picture  # nothing left to turn
        assert max(rendition["width"], rendition["height"]) <= max(
            told["source"]["width"], told["source"]["height"]
        )
        assert rendition["width"] % 2 == rendition["height"] % 2 == 0
    if told["source"]["has_audio"]:
        assert_playable(ran.folder / "sound" / "index.m3u8", told["seconds"])
        [sound] = tracks(ran.folder / "sound" / "index.m3u8")
        assert (sound["codec_name"], sound["channels"], sound["sample_rate"]) == ("aac", 2, "48000")
        assert all(r["codecs"].endswith(",mp4a.40.2") for r in told["renditions"])
    else:
        assert not (ran.folder / "sound").exists()
        assert "AUDIO" not in master
    assert_pictures(ran.folder, told)
    return told


def assert_playable(path: Path, seconds: float) -> None:
    media = hls.parse(path.read_text())
    assert media.ended
    assert abs(media.seconds - seconds) < 0.1
    # Segments lie where the picture's groups do: every 6 s, but for the last.
    assert all(5.5 < length < 6.6 for _name, length in media.segments[:-1])
    for name in (media.init, *(name for name, _length in media.segments)):
        assert (path.parent / name).stat().st_size > 0
    ended = subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-nostdin", "-i", str(path), "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def assert_pictures(folder: Path, told: dict) -> None:
    storyboard = (folder / told["storyboard"]).read_text()
    assert storyboard.startswith("WEBVTT\n")
    cues = re.findall(r"^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", storyboard, re.MULTILINE)
    assert cues
    for name, x, y, width, height in cues:
        sheet = tracks(folder / name)[0]
        assert int(x) + int(width) <= sheet["width"]
        assert int(y) + int(height) <= sheet["height"]
    poster = tracks(folder / told["poster"])[0]
    best = told["renditions"][0]
    assert abs(poster["width"] / poster["height"] - best["width"] / best["height"]) < 0.05


def tracks(path: Path) -> list[dict]:
    ended = subprocess.run(
        [binaries.ffprobe(), "-v", "error", "-show_streams", "-of", "json", str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(ended.stdout)["streams"]


def measure(path: Path, filters: str) -> str:
    """What a filter that prints metadata says of a file's pictures or sound."""
    ended = subprocess.run(
        [binaries.ffmpeg(), "-v", "error", "-nostdin", "-i", str(path), *filters.split("|"),
         "-f", "null", "-"],
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )  # fmt: skip
    return ended.stdout + ended.stderr
