"""The watch over a running tool: what it may not do, and that it is gone afterwards."""

import sys
import threading
import time
from contextvars import copy_context
from fractions import Fraction
from types import SimpleNamespace

import pytest

from tests.videos.media.checks import JARGON
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.transcoding import encode as module
from videos.media.transcoding.encode import encode, estimated_bytes, failure_message
from videos.media.transcoding.ladder import ladder
from videos.media.transcoding.sandbox.process import CANCELLED, MIB, Interrupted, Limits, run
from videos.media.transcoding.source_info import SourceInfo

FACTS = SourceInfo(
    width=640,
    height=360,
    rotation=0,
    square_pixels=True,
    interlaced=False,
    frame_rate=Fraction(25),
    constant_rate=Fraction(25),
    light="sdr",
    matrix="",
    full_range=False,
    index=0,
    seconds=4.0,
    picture_seconds=4.0,
    shift=0.0,
    sound=None,
)
LIMITS = Limits(cpu_seconds=20, memory_bytes=400 * MIB, file_bytes=1 * MIB)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_makes_no_progress_is_ended_with_a_reason(tmp_path):
    began = time.monotonic()
    with pytest.raises(EncodeFailed, match=r"no progress for 1 second\."):
        encode(python("import time; time.sleep(60)"), FACTS, tmp_path, stall_seconds=1)
    assert time.monotonic() - began < 20


def test_reporting_the_same_frame_for_ever_is_no_progress(tmp_path):
    repeat = "import time\nwhile 1: print('frame=1\\nprogress=continue', flush=1); time.sleep(.1)"
    with pytest.raises(EncodeFailed, match="no progress for"):
        encode(python(repeat), FACTS, tmp_path, stall_seconds=1)


def test_progress_is_told_in_shares_of_the_frames(tmp_path):
    told = []
    encode(
        python("print('frame=25\\nspeed=2.5x\\nprogress=continue\\nframe=100\\nprogress=end')"),
        FACTS,
        tmp_path,
        on_progress=lambda done, speed: told.append((done, speed)),
    )
    assert told == [(0.25, 2.5), (0.99, None)]


def test_who_is_told_may_end_the_work(tmp_path):
    def lost(done, speed):
        raise LeaseLost

    marker = tmp_path / "late"
    code = f"import time; time.sleep(3); open({str(marker)!r}, 'w')"
    with pytest.raises(LeaseLost):
        encode(python(code), FACTS, tmp_path, on_progress=lost)
    assert not marker.exists()


def test_it_ends_when_what_runs_beside_it_is_told_to_stop(tmp_path):
    marker = tmp_path / "late"
    code = f"import time; time.sleep(3); open({str(marker)!r}, 'w')"
    given_up = threading.Event()
    given_up.set()
    context = copy_context()
    context.run(CANCELLED.set, given_up)
    with pytest.raises(Interrupted):
        context.run(encode, python(code), FACTS, tmp_path)
    assert not marker.exists()


def test_a_full_disk_ends_the_work_before_it_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(
        module, "shutil", SimpleNamespace(disk_usage=lambda place: SimpleNamespace(free=10))
    )
    with pytest.raises(EncodeFailed, match="not enough space"):
        module.refuse_without_space(tmp_path, estimated_bytes(FACTS, ladder(640, 360)))


@pytest.mark.parametrize(
    "code", ["disk_full", "memory", "timeout", "interrupted", "damaged", "unknown"]
)
def test_no_reason_speaks_a_tools_language(code):
    assert not JARGON.search(failure_message(code))


def test_a_tool_that_ends_badly_and_blames_nothing_leaves_the_file_without_blame(tmp_path):
    with pytest.raises(EncodeFailed, match="Try again") as failed:
        encode(python("raise SystemExit(7)"), FACTS, tmp_path)
    assert failed.value.code == "unknown"


@pytest.mark.parametrize(
    "code",
    [
        "bytearray(2**30)",
        "open('big', 'wb').write(bytes(2**22))",
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 20))\nwhile 1: pass",
    ],
)
def test_a_hostile_file_uses_no_more_than_its_limits_of_cpu_memory_and_disk(code, tmp_path):
    inside = f"import os; os.chdir({str(tmp_path)!r})\n{code}"
    assert run(python(inside), LIMITS, timeout=30).code != 0


def test_a_tool_that_takes_too_long_is_ended():
    assert run(python("import time; time.sleep(60)"), LIMITS, timeout=0.5).code is None


def test_a_tool_sees_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for tools")
    said = run(python("import os; print(sorted(os.environ))"), LIMITS, timeout=30).out
    assert "SECRET_KEY" not in said
