"""A file that says much of itself costs little memory, and none of the web server's."""

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from studio.people.roles import Role
from tests.factories import UserFactory, VideoFactory
from tests.videos.media.conftest import ROOT, X264, lavfi
from videos.media.errors import SourceRefused
from videos.media.models import Cut
from videos.media.transcoding.probing import probe as probing
from videos.media.transcoding.probing.probe import probe
from videos.media.transcoding.sandbox.process import (
    MAX_LINE,
    MAX_STDOUT,
    MIB,
    Limits,
    run,
    run_lines,
)
from videos.media.uploads import intake

MUCH = 40 * MIB
# ffprobe and all: what a probe may add to the memory of the process that reads
MOST_GROWN = 32 * MIB
GROWTH = """
import json, os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django; django.setup()
from pathlib import Path
from videos.media.errors import SourceRefused
from videos.media.transcoding.probing.probe import probe
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before, said = peak(), ""
try:
    probe(Path(sys.argv[1]))
except SourceRefused as refusal:
    said = str(refusal)
print(json.dumps([peak() - before, said]))
"""


@pytest.fixture(scope="module")
def overfull(tmp_path_factory) -> Path:
    """A small film whose header says 12 million characters: a title repeated in the sound tracks.

    Matroska keeps a tag once for each track; control characters become six in JSON.
    """
    folder = tmp_path_factory.mktemp("overfull")
    plain, full = folder / "plain.mkv", folder / "full.mkv"
    lavfi("testsrc2=s=160x90:r=25", *X264, seconds=1)(plain)
    noted = folder / "notes.txt"
    note = "\x01" * 1_500_000
    noted.write_text(f";FFMETADATA1\ntitle={note}\ncomment={note}\n")
    from tests.videos.media.conftest import ffmpeg

    ffmpeg("-i", str(plain), "-i", str(noted), "-map_metadata", "1", "-c", "copy", str(full))
    return full


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_file_that_says_too_much_is_refused_in_plain_words_and_little_memory(overfull):
    ended = subprocess.run(
        [sys.executable, "-c", GROWTH, str(overfull)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    grown, said = json.loads(ended.stdout.splitlines()[-1])
    assert said.startswith("The file contains too much metadata")
    assert grown < MOST_GROWN


def test_what_a_tool_prints_is_read_up_to_a_bound():
    limits = Limits(cpu_seconds=20, memory_bytes=400 * MIB, file_bytes=MUCH)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    ended = run(python(f"print('x' * {MUCH - 1})"), limits, timeout=30)
    assert (ended.code, ended.out, ended.is_truncated) == (0, "", True)
    said = run(python(f"import sys; sys.stderr.write('x' * {MUCH} + 'end')"), limits, timeout=30)
    assert len(said.err) < MIB
    few = run(python(f"print('x' * {MAX_STDOUT - 1})"), limits, timeout=30)
    assert (len(few.out), few.is_truncated) == (MAX_STDOUT, False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < MOST_GROWN


def test_many_lines_are_read_one_by_one_and_long_ones_in_part():
    limits = Limits(cpu_seconds=20, memory_bytes=400 * MIB, file_bytes=MUCH)
    long = f"print('y' * {3 * MAX_LINE})"
    with run_lines(python(f"{long}\nfor n in range(300_000): print(n)"), limits, timeout=30) as (
        code,
        lines,
    ):
        assert code == 0
        assert len(next(lines)) == MAX_LINE
        assert [next(lines), next(lines)] == ["0", "1"]
        assert sum(1 for _ in lines) == 299_998


@pytest.fixture
def producer(client):
    client.force_login(UserFactory(role=Role.PRODUCER))
    return client


@pytest.mark.django_db
def test_the_web_server_does_not_look_into_files(producer, media, monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError("ffprobe ran in the web server")

    monkeypatch.setattr(probing, "read_report", never)
    monkeypatch.setattr(intake, "probe", never)
    video = VideoFactory(stage="editing")
    file = SimpleUploadedFile("a.mp4", media("short-sound.mp4").read_bytes())
    producer.post(reverse("media_upload", args=[video.pk]), {"source": file})
    text = SimpleUploadedFile("b.mp4", b"Dear buyer,\nthis is no video.\n")
    producer.post(reverse("media_upload", args=[video.pk]), {"source": text})
    cuts = {cut.source_name: (cut.state, cut.reason) for cut in Cut.objects.all()}
    assert cuts == {
        "a.mp4": (Cut.State.WAITING, ""),
        "b.mp4": (Cut.State.REFUSED, "This is a text file, not a video."),
    }


def test_what_a_usual_file_says_is_far_below_the_bound(media):
    facts = probe(media("turned.mp4"))
    assert facts.rotation == 90
    with pytest.raises(SourceRefused, match=re.escape("text")):
        probe(media("text.mp4"))
