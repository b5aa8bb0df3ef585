"""Run the studio: prepare it, then run the Procfile's processes until one ends or a signal arrives.

`make run` runs `python -m studio.operations.run`. No process started here outlives it: each gets
SIGTERM, without its children (a queue cluster breaks when its workers get it, too), and what is
left of it and its children after a while is killed.
"""

import contextlib
import ctypes
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent.parent.parent
GRACE = 4.0  # seconds between SIGTERM and SIGKILL
TICK = 0.1
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def prctl(option: int, value: int) -> None:
    """Call prctl(2) on Linux; do nothing elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def in_use(host: str, port: int) -> bool:
    """Whether another process listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def commands(procfile: str, environ: dict[str, str]) -> dict[str, str]:
    """The commands to start, by process name; the transcode cluster only if it has a name."""
    lines = (line.partition(":") for line in procfile.splitlines() if line.strip())
    found = {name.strip(): command.strip() for name, _colon, command in lines}
    if not environ.get("TRANSCODE_CLUSTER"):
        found.pop("transcode", None)
    return found


def children_of(parent: int) -> Iterator[int]:
    """Process ids whose parent is `parent` (Linux; elsewhere none)."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            # pid (name, which may hold anything) state parent …
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(entry.parent.name)


class Supervisor:
    """Starts processes, notices when one ends, and stops them all."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.running: dict[int, str] = {}
        self.stopped_by: int | None = None

    def note_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped_by = number

    def start(self, name: str, command: str) -> int:
        """Start a shell command in its own session; returns the process id."""

        def dies_with_us() -> None:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        process = subprocess.Popen(  # noqa: S602 the Procfile is ours
            f"exec {command}",
            shell=True,
            cwd=HERE,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_us,  # this process has no threads
        )
        process.returncode = 0  # `reap` collects the status
        self.running[process.pid] = name
        return process.pid

    def reap(self) -> dict[str, int]:
        """Names and exit statuses of the processes that ended since the last call."""
        ended = {}
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                if name := self.running.pop(pid, None):
                    ended[name] = os.waitstatus_to_exitcode(status)
        return ended

    def wait(self) -> dict[str, int]:
        """Wait until a process ends (returned) or a stop signal arrives (nothing returned)."""
        while self.stopped_by is None:
            if ended := self.reap():
                return ended
            time.sleep(TICK)
        return {}

    def stop(self) -> None:
        """Stop everything that was started: SIGTERM first, SIGKILL later."""
        mine = list(self.running)
        for pid in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self.running and time.monotonic() < deadline:
            self.reap()
            time.sleep(TICK)
        for pid in mine:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        # Orphans become our children, whatever session they are in.
        while orphans := list(children_of(os.getpid())):
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(TICK)
            self.reap()


def answers(address: str) -> bool:
    """Whether the studio responds at that address."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=1):  # noqa: S310 ours
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def say(text: str) -> None:
    """Print one line without delay."""
    print(text, flush=True)  # noqa: T201 output for a terminal


def announce(supervisor: Supervisor, address: str, who: Path) -> dict[str, int]:
    """Print the address and the sign-ins once the site responds; returns early if a process ended.

    This is printed last, so that it stays on the screen.
    """
    while supervisor.stopped_by is None:
        if ended := supervisor.reap():
            return ended
        if answers(address):
            say(who.read_text(encoding="utf-8").rstrip())
            say(f"\nThe studio is open at {address}/ (staff: {address}/admin/). Ctrl-C ends it.\n")
            return {}
        time.sleep(TICK)
    return {}


def serve(supervisor: Supervisor, processes: dict[str, str], address: str, who: Path) -> int:
    """Run the processes until one ends or a stop signal arrives; returns the exit status.

    `who` is the file in which `manage.py prepare` leaves the sign-ins to print.
    """
    command = f"python manage.py prepare --announce-in {shlex.quote(str(who))}"
    supervisor.start("preparation", command)
    ended = supervisor.wait()
    if ended.get("preparation"):
        return ended["preparation"]
    if supervisor.stopped_by is None:
        for name, command in processes.items():
            supervisor.start(name, command)
        ended = announce(supervisor, address, who) or supervisor.wait()
    if supervisor.stopped_by is not None:
        say("\nClosing the studio …")
        return 0
    for name, status in ended.items():
        say(f"The {name} process ended with status {status}, so the studio closes.")
    return 1


def main() -> int:
    """Runs the studio; returns the exit status."""
    host = os.environ.get("BIND_ADDRESS", "127.0.0.1")
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or int(port) > 65535:
        say(f"PORT={port} is not a port.")
        return 2
    if in_use(host, int(port)):
        say(f"Port {port} is in use. Try another one: make run PORT={int(port) % 65535 + 1}")
        return 1
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environ = {**os.environ, "PATH": here, "PORT": port, "PYTHONUNBUFFERED": "1"}
    supervisor = Supervisor(environ)
    for number in STOPS:
        signal.signal(number, supervisor.note_stop)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    try:
        procfile = (HERE / "Procfile").read_text()
        with tempfile.TemporaryDirectory() as folder:  # private: it holds a password
            who, address = Path(folder) / "who", f"http://{reachable}:{port}"
            return serve(supervisor, commands(procfile, environ), address, who)
    finally:
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
