import os
import signal
import sys
import threading
import time

import pytest
from botocore.exceptions import ClientError

from tests.chaos.processes import family, kill, line_of
from videos.media.errors import EncodeFailed, SourceRefused
from videos.media.transcoding.failures import Failure, failure_of, is_over, kind_of, pause
from videos.media.transcoding.probing import ffprobe, first_frames, track_ends
from videos.media.transcoding.sandbox.process import GIB, Interrupted, Limits, run

TRACK = {"index": 0, "avg_frame_rate": "25/1"}
LIMITS = Limits(cpu_seconds=1, memory_bytes=8 * GIB, file_bytes=GIB)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SourceRefused("No picture."), "refused"),
        (SourceRefused("It is protected.", "protected"), "protected"),
        (EncodeFailed("It is damaged."), "damaged"),
        (EncodeFailed("Nothing moved.", "stalled"), "stalled"),
        (ClientError({"Error": {"Code": "503"}}, "PutObject"), "storage"),
        (ConnectionResetError(), "storage"),
        (OSError(28, "No space left on device"), "disk_full"),
        (OSError(122, "Disk quota exceeded"), "disk_full"),
        (FileNotFoundError(2, "No such file"), "source_gone"),
        (PermissionError(13, "Permission denied"), "unexpected"),
        (KeyError("frame"), "unexpected"),
    ],
)
def test_every_error_has_a_name(error, code):
    assert failure_of(error).code == code


@pytest.mark.parametrize(
    ("ended", "said", "code"),
    [
        (1, "moov atom not found", "damaged"),
        (183, "in.mp4: Invalid data found when processing input", "damaged"),
        (69, "[h264 @ 0x5] error while decoding MB 3 4, bytestream -5", "damaged"),
        (69, "[dec:h264 @ 0x5] Decode error rate 1 exceeds maximum 0.666667", "damaged"),
        (1, "", "unknown"),
        (1, "a fence could not be put up", "unknown"),
        (-signal.SIGSEGV, "", "unknown"),
        (None, "", "timeout"),
        (1, "No space left on device", "disk_full"),
        (-signal.SIGXFSZ, "", "disk_full"),
        (-signal.SIGXCPU, "", "timeout"),
        (1, "Cannot allocate memory", "memory"),
        (-signal.SIGKILL, "", "interrupted"),
    ],
)
def test_how_a_tool_ended_says_what_went_wrong(ended, said, code):
    assert kind_of(ended, said) == code


def test_a_file_is_not_to_blame_for_a_tool_that_somebody_killed():
    sleeper = [sys.executable, "-c", "import time; time.sleep(60) # a tool"]

    def somebody() -> None:
        while not (found := [pid for pid in family(os.getpid()) if "# a tool" in line_of(pid)]):
            time.sleep(0.02)
        kill(found[-1])

    threading.Thread(target=somebody, daemon=True).start()
    with pytest.raises(Interrupted):
        run(sleeper, LIMITS, timeout=30)


def test_a_tool_that_takes_too_much_of_the_processor_is_not_taken_for_a_killed_one():
    ended = run([sys.executable, "-c", "while True: pass"], LIMITS, timeout=30)
    assert ended.code == -signal.SIGXCPU


@pytest.mark.parametrize(
    "look",
    [
        ffprobe.read_report,
        lambda source: first_frames.first_frame_time(source, 0),
        lambda source: track_ends.end_in_interval(
            source, {"format": {"format_name": "mp4"}}, TRACK, ""
        ),
    ],
)
def test_a_look_that_runs_out_of_time_is_no_refusal(look, tmp_path, monkeypatch):
    source = tmp_path / "a.mp4"
    source.write_bytes(bytes(100))
    monkeypatch.setattr(ffprobe, "PROBE_SECONDS", 0)
    with pytest.raises(EncodeFailed, match="The work on the video took too long") as failed:
        look(source)
    assert failure_of(failed.value).code == "timeout"


def test_pauses_grow_up_to_ten_minutes():
    assert [pause(n, 15) for n in (0, 1, 2, 5, 6, 20)] == [
        15,
        30,
        60,
        480,
        600,
        600,
    ]


@pytest.mark.parametrize(
    ("code", "attempts", "deferrals", "over"),
    [
        ("damaged", 1, 0, True),
        ("interrupted", 2, 0, False),
        ("interrupted", 3, 0, True),
        ("storage", 1, 19, False),
        ("storage", 1, 20, True),
        ("disk_full", 1, 4, False),
        ("disk_full", 1, 5, True),
    ],
)
def test_what_is_tried_again_and_how_often(code, attempts, deferrals, over):
    failure = Failure(code, "Words.")
    assert is_over(failure, attempts=attempts, deferrals=deferrals, most_attempts=3) is over
