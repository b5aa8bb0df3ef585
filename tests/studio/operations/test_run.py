import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.operations import run

PYTHON = sys.executable
# A process with a child in a session of its own, which ignores polite signals.
STUBBORN = """
import signal, subprocess, sys, time
from pathlib import Path
child = subprocess.Popen(
    [sys.executable, "-c",
     "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"],
    start_new_session=True,
)
Path(sys.argv[1]).write_text(str(child.pid))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(60)
"""
DRIVER = """
import signal, sys
from studio.operations import run
run.GRACE = 0.5
supervisor = run.Supervisor(dict(__import__("os").environ))
for number in run.STOPS:
    signal.signal(number, supervisor.note_stop)
run.prctl(run.PR_SET_CHILD_SUBREAPER, 1)
for number, command in enumerate(sys.argv[1:]):
    supervisor.start(str(number), command)
print("started", flush=True)
print(supervisor.wait(), flush=True)
supervisor.stop()
"""


@pytest.fixture
def drive() -> Iterator[object]:
    started = []

    def start(*commands: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PYTHON, "-c", DRIVER, *commands],
            stdout=subprocess.PIPE,
            text=True,
            cwd=run.HERE,
            env={**os.environ, "PYTHONPATH": str(run.HERE)},
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "started\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{path} did not come")


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are found in /proc")
@pytest.mark.parametrize("number", run.STOPS)
def test_a_stop_ends_everything_that_was_started(drive, number: signal.Signals, tmp_path: Path):
    script, note = tmp_path / "stubborn.py", tmp_path / "pid"
    script.write_text(STUBBORN)
    process = drive(f"{PYTHON} {script} {note}")
    grandchild = int(wait_for(note))
    assert is_alive(grandchild)
    process.send_signal(number)
    process.wait(timeout=10)
    assert process.stdout.read() == "{}\n"
    assert not is_alive(grandchild)


def test_the_end_of_one_is_noticed_and_ends_the_others(drive, tmp_path: Path):
    note = tmp_path / "pid"
    process = drive(
        f"sh -c 'echo $$ > {note}; sleep 60'",
        f"sh -c 'while ! test -s {note}; do sleep 0.1; done; exit 3'",
    )
    process.wait(timeout=20)
    assert process.stdout.read() == "{'1': 3}\n"
    assert not is_alive(int(wait_for(note)))


def test_a_port_in_use_is_told_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [PYTHON, "-m", "studio.operations.run"],
            cwd=run.HERE,
            env={**os.environ, "PORT": str(port)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"Port {port} is in use. Try another one: make run PORT={port + 1}\n"


def test_the_transcode_cluster_starts_where_it_has_a_name():
    procfile = (run.HERE / "Procfile").read_text()
    assert list(run.commands(procfile, {})) == ["web", "worker"]
    named = run.commands(procfile, {"TRANSCODE_CLUSTER": "transcode"})
    assert list(named) == ["web", "worker", "transcode"]
