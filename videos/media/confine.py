"""Runs a tool over a file of unknown intent: limited, and never outliving its parent.

The module is imported by its users and also run as a script: the script sets the limits in the
child and becomes the tool. A `preexec_fn` would do the same less safely where threads run.
"""

import contextlib
import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MIB = 1024**2
GIB = 1024**3
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True)
class Limits:
    """What a tool may use; it is ended when it takes more."""

    cpu_seconds: int
    memory_bytes: int
    file_bytes: int


class Interrupted(ChildProcessError):
    """A tool was killed by somebody else (the system, for want of memory): nobody knows why."""


@dataclass(frozen=True)
class Finished:
    """How a tool ended. `code` is None when its time was up."""

    code: int | None
    out: str
    err: str


def confined(command: Sequence[str], limits: Limits) -> list[str]:
    """`command`, wrapped so that it runs within `limits` and dies with this process."""
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes, os.getpid())
    return [sys.executable, "-I", "-S", __file__, *map(str, numbers), *command]


def start(
    command: Sequence[str],
    limits: Limits,
    *,
    out: IO[bytes] | int,
    err: IO[bytes],
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """The running tool, in a process group of its own, in `folder`, without our environment."""
    return subprocess.Popen(
        confined(command, limits),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
        cwd=folder,
        env={"LC_ALL": "C", "PATH": os.defpath},
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """No process of the group is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(command: Sequence[str], limits: Limits, *, timeout: float) -> Finished:
    """Run a tool to its end, or for `timeout` seconds. What it prints is bounded by `limits`.

    Raises Interrupted when somebody else killed it: then its file is not to blame.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(command, limits, out=out, err=err)
        code: int | None
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end(process)
        if code == -signal.SIGKILL:
            raise Interrupted(errno.EINTR, "a tool was killed")
        return Finished(code, text_of(out), text_of(err))


def text_of(printed: IO[bytes], last: int | None = None) -> str:
    """What was printed into a file; only its `last` bytes if given."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - last) if last else 0)
    return printed.read().decode(errors="replace")


def become(arguments: Sequence[str]) -> None:
    """Set the limits on this process and turn it into the tool."""
    cpu, memory, file, parent = map(int, arguments[:4])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            sys.exit(1)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # At the lower limit comes SIGXCPU, which tells of itself; at the upper one SIGKILL.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    os.execv(arguments[4], list(arguments[4:]))  # noqa: S606


if __name__ == "__main__":
    become(sys.argv[1:])
