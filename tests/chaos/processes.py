"""The studio's own processes, started as in production, and found again by who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("ffmpeg", "ffprobe")


def parents() -> dict[int, int]:
    """{process id: its parent's} of everything that runs."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            found[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    return found


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    tree, found = parents(), [pid]
    for one in found:
        found += [child for child, parent in tree.items() if parent == one]
    return found


def line_of(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    with suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf8", "replace")
        )
    return ""


def is_tool(pid: int) -> bool:
    """Whether a process is a tool over a file, or about to become one."""
    program = line_of(pid).partition(" ")[0].rpartition("/")[2]
    return program.startswith(TOOLS) or "confine.py" in line_of(pid)


def kill(pid: int) -> bool:
    """`kill -9`; False when it was gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


class Kept:
    """A process that is started again when it ended, as an init system does."""

    def __init__(self, name: str, command: list[str], environ: dict[str, str], log: Path) -> None:
        self.name, self.command, self.environ, self.log = name, command, environ, log
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def keep(self) -> None:
        if self.process.poll() is not None:
            self.start()

    def members(self) -> list[int]:
        """The studio's processes here, without the tools they run."""
        return [pid for pid in family(self.process.pid) if not is_tool(pid)]

    def tools(self) -> list[int]:
        """The tools that run here."""
        return [pid for pid in family(self.process.pid) if is_tool(pid)]

    def stop(self, seconds: float = 20) -> bool:
        """A polite stop; whether it was enough."""
        everyone = family(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            for pid in everyone:
                kill(pid)
            self.process.wait()
            return False
        return True


def stubborn(kept: Sequence[Kept]) -> list[Kept]:
    """Stops all of them at once; those that a polite stop was not enough for."""
    with ThreadPoolExecutor(len(kept)) as threads:
        stopped = list(threads.map(Kept.stop, kept))
    return [one for one, polite in zip(kept, stopped, strict=True) if not polite]


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def web(port: int) -> list[str]:
    return python(
        *("-m", "gunicorn", "--config", "python:studio.operations.webserver", "studio.wsgi")
    )


def cluster() -> list[str]:
    return python("manage.py", "qcluster")


def left_over(folder: Path) -> Iterator[str]:
    """Command lines of processes that still have to do with a folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if pid == os.getpid():
            continue
        told = [line_of(pid)]
        with suppress(OSError):
            told.append(str((entry / "cwd").readlink()))
        with suppress(OSError):
            told.append((entry / "environ").read_bytes().decode("utf8", "replace"))
        if any(str(folder) in one for one in told) and "weed" not in told[0]:
            yield f"{pid} {told[0]}"


def wait_for(what: object, seconds: float, ask: object) -> None:
    """Asks until it is so. Raises AssertionError with what was waited for."""
    end = time.monotonic() + seconds
    while not ask():  # type: ignore[operator]
        assert time.monotonic() < end, f"in vain for {seconds} s: {what}"
        time.sleep(0.2)
