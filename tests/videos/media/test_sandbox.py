"""A hostile file can read no other file, reach no network, and use no more than its limits.

A tool that was taken over is played by a Python program: it tries what the file would tell it to.
"""

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from videos.media.transcoding.sandbox import binaries, launcher, process
from videos.media.transcoding.sandbox.process import (
    MIB,
    Limits,
    available_fences,
    disk_usage,
    kill_group,
    run,
    run_parallel,
    start,
)

LIMITS = Limits(cpu_seconds=20, memory_bytes=400 * MIB, file_bytes=1 * MIB)
READS = "print(open({!r}).read())"
needs = {
    name: pytest.mark.skipif(
        name not in available_fences(), reason=f"this system has no fence: {name}"
    )
    for name in launcher.FENCES
}


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def tried(code: str, folder=None, reads=()) -> str:
    """What a confined program printed, with its errors."""
    with tempfile.TemporaryFile() as said:
        child = start(python(code), LIMITS, out=said, err=said, folder=folder, reads=reads)
        try:
            child.wait(30)
        finally:
            kill_group(child)
        return process.read_text(said)


@pytest.fixture
def only(monkeypatch):
    """`only(name)`: one fence stands alone, so that it cannot hide behind another."""

    def stands(*names: str) -> None:
        monkeypatch.setattr(process, "available_fences", lambda: names)

    return stands


@pytest.fixture
def listener():
    """Somebody who would answer, were they reached; `None` of them is."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def nobody_came(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return True
    return False


@needs["files"]
def test_a_hostile_file_can_read_no_other_file(tmp_path):
    mine, other = tmp_path / "mine.mp4", tmp_path / "other.mp4"
    mine.write_text("mine")
    other.write_text("other")
    for name, said in ((mine, "mine"), (other, ""), ("/etc/passwd", "")):
        ended = run(python(READS.format(str(name)), "-i", f"file:{mine}"), LIMITS, timeout=30)
        assert ended.out.strip() == said
        assert ("PermissionError" in ended.err) == (not said)


@needs["files"]
@pytest.mark.parametrize(
    "code",
    [
        "import os; print(os.listdir('/etc'))",
        "import os; print(os.listdir('/proc/self'))",
        "print(open('/proc/self/environ').read())",
        "print(open('/dev/kmsg', 'w'))",
        "import os; os.symlink('/etc/passwd', 'link')",
        "import os; os.mkfifo('pipe')",
    ],
)
def test_nothing_of_the_system_is_open_to_a_tool(code, tmp_path):
    assert "PermissionError" in tried(code, tmp_path)
    assert list(tmp_path.iterdir()) == []


@needs["files"]
def test_a_tool_writes_into_its_folder_alone(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
    (outside / "kept").write_text("kept")
    code = "import os, sys; os.mkdir('a'); open('a/b', 'w').write('c'); os.rename('a/b', 'b')"
    assert tried(code, inside) == ""
    assert (inside / "b").read_text() == "c"
    for act in ("open({!r}, 'w')", "open({!r}, 'a')", "import os; os.remove({!r})"):
        assert "PermissionError" in tried(act.format(str(outside / "kept")), inside)
    assert (outside / "kept").read_text() == "kept"
    assert "PermissionError" in tried(f"open({str(outside / 'new')!r}, 'w')", inside)


@needs["files"]
def test_more_may_be_read_when_we_say_so(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one").write_text("one")
    code = READS.format(str(tmp_path / "parts" / "one"))
    assert "PermissionError" in tried(code)
    assert tried(code, reads=[tmp_path / "parts"]).strip() == "one"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs[name]) for name in launcher.FENCES]
)
def test_a_hostile_file_can_reach_no_network_whichever_fence_stands(name, only, listener):
    only(name)
    port = listener.getsockname()[1]
    said = tried(f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)")
    assert "Error" in said
    assert nobody_came(listener)


def test_somebody_without_fences_would_be_reached(only, listener):
    only()
    port = listener.getsockname()[1]
    assert tried(f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)") == ""
    assert not nobody_came(listener)


@needs["calls"]
@pytest.mark.parametrize(
    "code",
    [
        "import os; os.fork()",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import subprocess, sys; subprocess.run([sys.executable, '-V'])",
        "import os; os.kill(os.getppid(), 0)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000): raise PermissionError",
    ],
)
def test_a_tool_starts_no_other_process_and_reaches_none(code):
    assert "PermissionError" in tried(code)


def test_a_tool_has_threads():
    code = "import threading as t; x = t.Thread(target=print, args=['ok']); x.start(); x.join()"
    assert tried(code).strip() == "ok"


def test_a_tool_stands_back(tmp_path):
    code = "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"
    assert int(tried(code)) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)


def test_where_a_fence_is_refused_the_others_stand():
    if available_fences() != launcher.FENCES:
        pytest.skip("this system lacks a fence as it is")
    # Fenced in already, it may not make a network of its own any more.
    script = Path(launcher.__file__)
    command = [sys.executable, "-I", "-S", str(script), "try"]
    ended = run(command, LIMITS, timeout=30, reads=[script])
    assert ended.out.strip().split(",") == ["files", "calls"]


def test_a_system_without_fences_is_named_once_and_still_limits(monkeypatch, caplog):
    monkeypatch.setattr(sys, "platform", "darwin")
    available_fences.cache_clear()
    try:
        for _time in range(2):
            assert run(python("print('ran')"), LIMITS, timeout=30).out.strip() == "ran"
        assert run(python("bytearray(2**30)"), LIMITS, timeout=30).code != 0
    finally:
        available_fences.cache_clear()
    assert [record.args for record in caplog.records] == [(name,) for name in launcher.FENCES]


def test_a_fence_that_does_not_stand_ends_the_tool_before_it_runs(only):
    only("moat")
    assert tried("print('ran')").strip() == "no fence against moat"


def test_what_a_folder_takes_of_the_disk_is_counted(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one").write_bytes(bytes(100_000))
    (tmp_path / "two").write_bytes(bytes(50_000))
    (tmp_path / "away").symlink_to("/nowhere")
    assert 150_000 <= disk_usage(tmp_path) < 170_000


class Stop(Exception):
    """We are told to stop."""


def test_what_runs_side_by_side_is_ended_when_we_are_told_to_stop():
    def stopped(number, frame):
        raise Stop

    def sleep() -> object:
        return run(python("import time; time.sleep(60)"), LIMITS, timeout=60)

    before = signal.signal(signal.SIGUSR1, stopped)
    began = time.monotonic()
    telling = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1))
    telling.start()
    try:
        with pytest.raises(Stop):
            run_parallel(sleep, sleep)
    finally:
        telling.join()
        signal.signal(signal.SIGUSR1, before)
    assert time.monotonic() - began < 20


def test_what_runs_side_by_side_answers_in_order_and_the_first_failure_is_told():
    assert run_parallel(lambda: 1, lambda: 2) == [1, 2]

    def refuse() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_parallel(lambda: 1, refuse)


def test_a_tool_whose_time_is_up_is_ended():
    began = time.monotonic()
    ended = run(python("import time; time.sleep(60)"), LIMITS, timeout=0.6)
    assert ended.code is None
    assert time.monotonic() - began < 20


def test_the_bundled_tool_is_found_without_running_it(monkeypatch):
    def killed() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", killed)
    binaries.bundled.cache_clear()
    assert Path(binaries.ffmpeg()).is_file()
