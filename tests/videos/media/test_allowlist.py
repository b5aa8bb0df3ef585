"""What tools are told of a source: its file and nothing else, whatever its name or its state."""

import subprocess
from pathlib import Path

import pytest

from tests.videos.media import difficult as make
from tests.videos.media import recorders
from videos.media.transcoding.sandbox import binaries
from videos.media.transcoding.sandbox.allowlist import (
    input_arguments,
    input_options,
    input_url,
    path_of_url,
)
from videos.media.transcoding.sandbox.process import input_paths

NAMES = ("a.mp4", "subfile,,start,0,end,1,,:b.mp4", "http:,,:c.mp4", "file:d.mp4", "%03d.mp4")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("maker", [make.clip(), recorders.cut_in_its_head])
def test_an_address_leads_to_the_source_alone(name, maker, tmp_path):
    source = tmp_path / "a.mp4"
    maker(source)
    source = source.rename(tmp_path / name)
    assert path_of_url(input_url(source)) == source
    assert input_paths(input_arguments(source)) == [source]
    looked = subprocess.run(
        [binaries.ffprobe(), "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
         *input_arguments(source)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert looked.stdout.split() == ["h264", "aac"]


def test_only_of_what_broke_off_a_part_is_read(tmp_path):
    whole, crash = tmp_path / "whole.mp4", tmp_path / "crash.mp4"
    recorders.in_fragments(whole)
    recorders.cut_in_its_head(crash)
    assert input_url(whole) == f"file:{whole}"
    assert input_options(whole)["protocol_whitelist"] == "file"
    last = crash.read_bytes().rindex(b"moof") - 4
    assert input_url(crash) == f"subfile,,start,0,end,{last},,:file:{crash}"
    assert input_options(crash)["protocol_whitelist"] == "file,subfile"
    crash.write_bytes(whole.read_bytes())  # looked into anew
    assert input_url(crash) == f"file:{crash}"
    assert input_url(Path("nowhere.mp4")).startswith("file:/")


@pytest.mark.parametrize("way", ["http://127.0.0.1:9/", "concat:/etc/passwd", "data:,a", "pipe:0"])
def test_a_part_of_a_file_leads_nowhere_else(way, tmp_path):
    crash = tmp_path / "crash.mp4"
    recorders.cut_in_its_head(crash)
    allowed = [*input_arguments(crash)[:-1], f"subfile,,start,0,end,9,,:{way}"]
    tried = subprocess.run(
        [binaries.ffprobe(), "-v", "error", *allowed],
        capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert tried.returncode != 0
    assert "not on whitelist" in tried.stderr
