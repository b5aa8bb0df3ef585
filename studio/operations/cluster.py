"""A django-q2 cluster that restarts when one of its processes is killed.

The processes of a cluster share queues with locks. A process that is killed (out of memory, by a
person) may hold such a lock, and then all others wait for ever while the cluster looks alive. Here
the whole cluster ends instead: its other workers give their jobs back, and a new cluster starts.
tests/studio/operations/test_cluster.py fails when django-q2 recovers by itself; then `Sentinel`
can go.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any

from django_q import cluster

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1  # linux/prctl.h
GRACE_SECONDS = 4.0
LOOK_SECONDS = 1.0
PAUSE_SECONDS = 2.0
BROKEN = 70


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def was_killed(process: Any) -> bool:
    """Whether a signal other than SIGTERM ended the process."""
    code = process.exitcode
    return code is not None and code < 0 and code != -signal.SIGTERM


def send_signal(processes: Iterable[Any], number: int) -> None:
    """Send a signal to the processes that are still alive."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            if process.is_alive():
                os.kill(process.pid, number)


def is_busy(worker: Any) -> bool:
    """Whether a live worker is running a task. Read without the lock, whose holder may be dead."""
    return bool(worker.is_alive() and worker.timer.get_obj().value > 0)


class Sentinel(cluster.Sentinel):
    """django-q2's guard of the pool, which ends the cluster when a process of it is killed."""

    def start(self) -> None:
        # When a whole process group gets SIGTERM, our parent passes it on.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def guard(self) -> None:
        threading.Thread(target=self.look_after_locks, daemon=True).start()
        super().guard()

    def look_after_locks(self) -> None:
        """Run beside `guard`, which itself waits for ever for the lock of a killed worker."""
        while True:
            time.sleep(LOOK_SECONDS)
            for process in [*self.pool, self.monitor, self.pusher]:
                if was_killed(process):
                    self.give_up(process)

    def reincarnate(self, process: Any) -> None:
        """Replace a process that ended by itself."""
        if was_killed(process):
            self.give_up(process)
        super().reincarnate(process)

    def give_up(self, process: Any) -> None:
        """End the whole cluster; does not return."""
        log.error("process %s of the queue was killed: its cluster starts anew", process.pid)
        send_signal(self.pool, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(is_busy(worker) for worker in self.pool):
            time.sleep(0.1)
        send_signal([*self.pool, self.monitor, self.pusher], signal.SIGKILL)
        os._exit(BROKEN)

    def stop(self) -> None:
        """Stop on request: the workers give their jobs back first."""
        send_signal(self.pool, signal.SIGTERM)
        super().stop()


class Cluster(cluster.Cluster):
    """A cluster that remembers whether it was asked to stop."""

    stop_requested = False

    def sig_handler(self, number: int, frame: FrameType | None) -> None:
        Cluster.stop_requested = True
        if self.sentinel and self.stop_event:
            super().sig_handler(number, frame)


def run() -> None:
    """Run a cluster, and a new one whenever it breaks, until SIGTERM or SIGINT."""
    os.register_at_fork(after_in_child=die_with_parent)
    cluster.Sentinel = Sentinel  # django-q2 looks it up under this name
    while not Cluster.stop_requested:
        current = Cluster()
        try:
            current.start()
            current.sentinel.join()
        except RuntimeError as trouble:  # the queue does not answer
            log.error("the cluster could not start: %s", trouble)
        if not Cluster.stop_requested:
            time.sleep(PAUSE_SECONDS)
