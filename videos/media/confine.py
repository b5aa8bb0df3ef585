"""Runs a tool over a file of unknown intent: limited, fenced in, and never outliving its parent.

A tool may read the files that its command names as inputs and write into its folder; it reaches no
network and starts no other process. `fence.py` does that to itself and becomes the tool. What the
system refuses (old kernels, macOS) is done without, and logged once; the limits hold everywhere.
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

from videos.media import fence
from videos.media.allowed import path_of

log = logging.getLogger(__name__)

T = TypeVar("T")
LOOK_SECONDS = 0.25  # between two looks whether a tool is still wanted
# Set when nobody waits any more for what runs in this context
GIVEN_UP: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)
MIB = 1024**2
GIB = 1024**3
# What is read of what a tool prints, for a caller who reads it whole, and of what it complains of
MOST_PRINTED, MOST_SAID = 1 * MIB, 256 * 1024
LONGEST_LINE = 64 * 1024  # bytes of a line that is read by itself


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
    """How a tool ended. `code` is None when its time was up.

    `out` is empty where more was printed than MOST_PRINTED: half a report is none. `err` is the
    end of what it said.
    """

    code: int | None
    out: str
    err: str
    is_too_much: bool = False


@cache
def fences() -> tuple[str, ...]:
    """The fences that this system puts up, tried once by a process that ends at once."""
    standing: tuple[str, ...] = ()
    if sys.platform == "linux":
        tried = subprocess.run(
            [sys.executable, "-I", "-S", fence.__file__, "try"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        standing = tuple(name for name in fence.FENCES if name in tried.stdout.strip().split(","))
    for name in fence.FENCES:
        if name not in standing:
            log.warning("this system does not fence tools in: %s", name)
    return standing


def inputs(command: Sequence[str], folder: Path | None = None) -> list[Path]:
    """The files that a command of ffmpeg or ffprobe, run in `folder`, names as its inputs."""
    named = [after for option, after in itertools.pairwise(command) if option == "-i"]
    return [(folder or Path()) / path_of(name) for name in named]


def confined(
    command: Sequence[str],
    limits: Limits,
    *,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> list[str]:
    """`command`, wrapped so that it runs within `limits` and fences, and dies with this process."""
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.file_bytes, os.getpid())
    # The wheels that hold the tools lie with this Python.
    paths = [sys.prefix, *(str(path.resolve()) for path in [*inputs(command, folder), *reads])]
    return [
        *(sys.executable, "-I", "-S", fence.__file__, *map(str, numbers), ",".join(fences())),
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
    """The running tool, in a process group of its own, in `folder`, without our environment.

    It reads what its command names as inputs, what lies in `folder`, and `reads` (files, or
    folders with all that is in them); it writes into `folder` alone.
    """
    return subprocess.Popen(
        confined(command, limits, folder=folder, reads=reads),
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


def run(
    command: Sequence[str],
    limits: Limits,
    *,
    timeout: float,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> Finished:
    """Run a tool to its end, or for `timeout` seconds. No more than MOST_PRINTED is read of it.

    Raises Interrupted when somebody else killed it: then its file is not to blame.
    """
    with ran(command, limits, timeout=timeout, folder=folder, reads=reads) as (code, out, err):
        is_too_much = out.seek(0, os.SEEK_END) > MOST_PRINTED
        printed = "" if is_too_much else text_of(out)
        return Finished(code, printed, text_of(err, last=MOST_SAID), is_too_much)


@contextlib.contextmanager
def lines_of(
    command: Sequence[str], limits: Limits, *, timeout: float
) -> Iterator[tuple[int | None, Iterator[str]]]:
    """(code, lines) of a tool that ran to its end, or for `timeout` seconds.

    The lines are read from the disk one by one, however many there are. Raises Interrupted.
    """
    with ran(command, limits, timeout=timeout) as (code, out, _err):
        out.seek(0)
        yield code, short_lines(out)


def short_lines(printed: IO[bytes]) -> Iterator[str]:
    """The lines of a file; of one that is too long, only the beginning."""
    begins = True
    while line := printed.readline(LONGEST_LINE):
        if begins:
            yield line.decode(errors="replace").rstrip("\r\n")
        begins = line.endswith(b"\n")


@contextlib.contextmanager
def ran(
    command: Sequence[str],
    limits: Limits,
    *,
    timeout: float,
    folder: Path | None = None,
    reads: Iterable[Path] = (),
) -> Iterator[tuple[int | None, IO[bytes], IO[bytes]]]:
    """(code, printed, said) of a tool that ran to its end; both are files, bounded by `limits`.

    Raises Interrupted.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(command, limits, out=out, err=err, folder=folder, reads=reads)
        try:
            code = code_of(process, timeout)
        finally:
            end(process)
        if code == -signal.SIGKILL:
            raise Interrupted(errno.EINTR, "a tool was killed")
        yield code, out, err


def at_once(*works: Callable[[], T]) -> list[T]:
    """What several pieces of work return, each done beside the others.

    Each runs tools of its own, and most tools leave a processor idle. They speak the language that
    is spoken here. Raises what the first of them raises that fails, when all have ended. When
    something else is raised meanwhile (we are told to stop), their tools are ended, too.
    """
    given_up = threading.Event()

    def beside(work: Callable[[], T]) -> T:
        GIVEN_UP.set(given_up)
        return work()

    with ThreadPoolExecutor(len(works)) as workers:
        try:
            running = [workers.submit(copy_context().run, beside, work) for work in works]
            wait(running)
        except BaseException:
            given_up.set()
            raise
    return [work.result() for work in running]


def code_of(process: subprocess.Popen[bytes], timeout: float) -> int | None:
    """What a process ends with, or None when its time is up.

    Where the system tells at once, we hear it at once: `Popen.wait` with a time looks twenty times
    a second, and a small file is looked into by a dozen tools. Raises Interrupted when whoever
    waits for all this has given up.
    """
    over = time.monotonic() + timeout
    with ended_of(process) as ended:
        while not ended(min(over - time.monotonic(), LOOK_SECONDS)):
            go_on()
            if time.monotonic() >= over:
                return None
    return process.wait()


def go_on() -> None:
    """Raises Interrupted when whoever waits for what is done here has given up (`at_once`)."""
    given_up = GIVEN_UP.get()
    if given_up and given_up.is_set():
        raise Interrupted(errno.EINTR, "nobody waits for it any more")


@contextlib.contextmanager
def ended_of(process: subprocess.Popen[bytes]) -> Iterator[Callable[[float], bool]]:
    """A function that waits some seconds for the end of a process, and tells whether it came."""
    told = -1
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):  # an old kernel, or no more file descriptors
            told = os.pidfd_open(process.pid)
    waiting = select.poll()
    if told >= 0:
        waiting.register(told, select.POLLIN)

    def ended(seconds: float) -> bool:
        if told >= 0:
            return bool(waiting.poll(max(0.0, seconds) * 1000))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, seconds))
        return process.poll() is not None

    try:
        yield ended
    finally:
        if told >= 0:
            os.close(told)


def text_of(printed: IO[bytes], last: int | None = None) -> str:
    """What was printed into a file; only its `last` bytes if given."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - last) if last else 0)
    return printed.read().decode(errors="replace")


def bytes_in(folder: Path) -> int:
    """What the files in a folder and below take of the disk, while others write there."""
    total = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(place, name))
                total += max(status.st_size, 512 * status.st_blocks)
    return total
