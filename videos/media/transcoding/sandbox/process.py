"""Runs a tool over an untrusted file: within limits, in a sandbox, never outliving its parent.

A tool may read the files that its command names as inputs and write into its folder; it has no
network and starts no other process. `launcher.py` restricts itself and then executes the tool. What
the system does not support (old kernels, macOS) is left out, and logged once; the limits hold
everywhere.
"""

import contextlib
import errno
import itertools
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TypeVar

from videos.media.transcoding.sandbox import launcher
from videos.media.transcoding.sandbox.allowlist import path_of_url

log = logging.getLogger(__name__)

T = TypeVar("T")
POLL_SECONDS = 0.25  # between two checks whether a tool is still needed
# Set when the result of what runs in this context is no longer needed
CANCELLED: ContextVar[threading.Event | None] = ContextVar("cancelled", default=None)
MIB = 1024**2
GIB = 1024**3
# How much of a tool's stdout and stderr is read by callers who read all at once
MAX_STDOUT, MAX_STDERR = 1 * MIB, 256 * 1024
MAX_LINE = 64 * 1024  # bytes of a line that is read by itself


@dataclass(frozen=True)
class Limits:
    """What a tool may use; it is killed when it takes more."""

    cpu_seconds: int
    memory_bytes: int
    file_bytes: int


class Interrupted(ChildProcessError):
    """A tool was killed from outside, perhaps by the system for lack of memory."""


@dataclass(frozen=True)
class ToolResult:
    """The result of a tool. `code` is None if it timed out.

    `out` is empty, and `is_truncated`, where more than MAX_STDOUT was printed. `err` is the end of
    stderr.
    """

    code: int | None
    out: str
    err: str
    is_truncated: bool = False


@cache
def available_fences() -> tuple[str, ...]:
    """The fences that this system supports, tried out once in a short-lived process."""
    standing: tuple[str, ...] = ()
    if sys.platform == "linux":
        trial = subprocess.run(
            [sys.executable, "-I", "-S", launcher.__file__, "try"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        standing = tuple(
            name for name in launcher.FENCES if name in trial.stdout.strip().split(",")
        )
    for name in launcher.FENCES:
        if name not in standing:
            log.warning("this system cannot restrict tools by: %s", name)
    return standing


def input_paths(command: Sequence[str], folder: Path | None = None) -> list[Path]:
    """The input files of an ffmpeg or ffprobe command that runs in `folder`."""
    named = [after for option, after in itertools.pairwise(command) if option == "-i"]
    return [(folder or Path()) / path_of_url(name) for name in named]


def sandboxed(
    command: Sequence[str],
    limits: Limits,
    *,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> list[str]:
    """`command`, wrapped so that it runs within `limits` and fences, and dies with this process."""
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes, os.getpid())
    # The wheels with the tools are installed beside this Python.
    paths = [sys.prefix, *(str(path.resolve()) for path in [*input_paths(command, folder), *reads])]
    return [
        *(
            sys.executable,
            "-I",
            "-S",
            launcher.__file__,
            *map(str, numbers),
            ",".join(available_fences()),
        ),
        *(str(folder.resolve()) if folder else "", str(len(paths)), *paths, *command),
    ]


def start(
    command: Sequence[str],
    limits: Limits,
    *,
    out: IO[bytes] | int,
    err: IO[bytes],
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> subprocess.Popen[bytes]:
    """Start a tool in a process group of its own, in `folder`, without our environment.

    It can read its command's input files, `folder` and `reads` (files, or folders with their
    contents); it can write to `folder` only.
    """
    return subprocess.Popen(
        sandboxed(command, limits, folder=folder, reads=reads),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
        cwd=folder,
        env={"LC_ALL": "C", "PATH": os.defpath},
    )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(
    command: Sequence[str],
    limits: Limits,
    *,
    timeout: float,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> ToolResult:
    """Run a tool to its end, or for `timeout` seconds. At most MAX_STDOUT of its output is read.

    Raises Interrupted when it was killed from outside: then its file is not to blame.
    """
    with completed(command, limits, timeout=timeout, folder=folder, reads=reads) as (
        code,
        out,
        err,
    ):
        is_truncated = out.seek(0, os.SEEK_END) > MAX_STDOUT
        printed = "" if is_truncated else read_text(out)
        return ToolResult(code, printed, read_text(err, last=MAX_STDERR), is_truncated)


@contextlib.contextmanager
def run_lines(
    command: Sequence[str], limits: Limits, *, timeout: float
) -> Iterator[tuple[int | None, Iterator[str]]]:
    """(exit code, lines of stdout) of a tool that ran to its end, or for `timeout` seconds.

    The lines are read from disk one by one, however many there are. Raises Interrupted.
    """
    with completed(command, limits, timeout=timeout) as (code, out, _err):
        out.seek(0)
        yield code, bounded_lines(out)


def bounded_lines(printed: IO[bytes]) -> Iterator[str]:
    """The lines of a file, each cut off at MAX_LINE."""
    begins = True
    while line := printed.readline(MAX_LINE):
        if begins:
            yield line.decode(errors="replace").rstrip("\r\n")
        begins = line.endswith(b"\n")


@contextlib.contextmanager
def completed(
    command: Sequence[str],
    limits: Limits,
    *,
    timeout: float,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> Iterator[tuple[int | None, IO[bytes], IO[bytes]]]:
    """(exit code, stdout, stderr) of a tool; both are files, bounded by `limits`.

    Raises Interrupted.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(command, limits, out=out, err=err, folder=folder, reads=reads)
        try:
            code = wait_for_exit(process, timeout)
        finally:
            kill_group(process)
        if code == -signal.SIGKILL:
            raise Interrupted(errno.EINTR, "a tool was killed")
        yield code, out, err


def run_parallel(*calls: Callable[[], T]) -> list[T]:
    """The results of several calls, run in parallel in threads.

    Each runs tools of its own, and most tools leave a processor idle. The context (the active
    language) is copied. Raises the first exception of theirs, once all have ended. When another
    exception is raised meanwhile (the process is to stop), their tools are killed.
    """
    cancelled = threading.Event()

    def beside(call: Callable[[], T]) -> T:
        CANCELLED.set(cancelled)
        return call()

    with ThreadPoolExecutor(len(calls)) as workers:
        try:
            running = [workers.submit(copy_context().run, beside, call) for call in calls]
            wait(running)
        except BaseException:
            cancelled.set()
            raise
    return [future.result() for future in running]


def wait_for_exit(process: subprocess.Popen[bytes], timeout: float) -> int | None:
    """The exit code of a process, or None when `timeout` seconds are over.

    Faster than `Popen.wait`, which polls twenty times a second: a small file is probed by a dozen
    tools. Raises Interrupted when the result is no longer needed.
    """
    over = time.monotonic() + timeout
    with exit_waiter(process) as ended:
        while not ended(min(over - time.monotonic(), POLL_SECONDS)):
            raise_if_cancelled()
            if time.monotonic() >= over:
                return None
    return process.wait()


def raise_if_cancelled() -> None:
    """Raises Interrupted when the result is no longer needed (`run_parallel` was interrupted)."""
    cancelled = CANCELLED.get()
    if cancelled and cancelled.is_set():
        raise Interrupted(errno.EINTR, "the result is no longer needed")


@contextlib.contextmanager
def exit_waiter(process: subprocess.Popen[bytes]) -> Iterator[Callable[[float], bool]]:
    """A function that waits some seconds for a process, and returns whether it has ended."""
    pidfd = -1
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):  # an old kernel, or no more file descriptors
            pidfd = os.pidfd_open(process.pid)
    waiting = select.poll()
    if pidfd >= 0:
        waiting.register(pidfd, select.POLLIN)

    def ended(seconds: float) -> bool:
        if pidfd >= 0:
            return bool(waiting.poll(max(0.0, seconds) * 1000))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, seconds))
        return process.poll() is not None

    try:
        yield ended
    finally:
        if pidfd >= 0:
            os.close(pidfd)


def read_text(printed: IO[bytes], last: int | None = None) -> str:
    """The text of a file; only its `last` bytes if given."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - last) if last else 0)
    return printed.read().decode(errors="replace")


def disk_usage(folder: Path) -> int:
    """Bytes on disk of the files in a folder and below it, even while others write there."""
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(place, name))
                total += max(status.st_size, 512 * status.st_blocks)
    return total
