"""What a piece of work takes: time, processor time, and memory of the whole tree of processes."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from videos.media.transcoding.sandbox.process import GIB

SAMPLE_SECONDS = 0.05
PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Used:
    """`wall` and `cpu` are in seconds, `peak` is in bytes resident at one time."""

    wall: float
    cpu: float
    peak: int

    @property
    def peak_gib(self) -> float:
        return self.peak / GIB

    def __add__(self, other: "Used") -> "Used":
        """One after the other."""
        return Used(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def used(work: Callable[[], object]) -> Used:
    """What `work` takes in this process and its children."""
    peak = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            peak[0] = max(peak[0], resident(os.getpid()))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    wall, cpu = time.monotonic(), processor_seconds()
    try:
        work()
    finally:
        wall, cpu = time.monotonic() - wall, processor_seconds() - cpu
        over.set()
        watcher.join()
    return Used(wall, cpu, peak[0])


def used_by(command: Sequence[str]) -> Used:
    """What a command takes; its output is shown where it fails."""

    def work() -> None:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=900)
        assert ended.returncode == 0, ended.stderr[-2000:]

    return used(work)


def processor_seconds() -> float:
    """Seconds that this process and its ended children have computed, without the watcher's."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_THREAD, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def resident(root: int) -> int:
    """Bytes resident in a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    sizes: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * PAGE
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    total, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        total += sizes.get(process, 0)
        waiting += children.get(process, [])
    return total
