"""A cluster of django-q2 that no killed process can leave hanging.

The processes of a cluster share locked queues. One that is killed (by the kernel for want of
memory, by a person) may have held a lock, and then the others wait for ever while the cluster
looks alive. So here a process that is killed ends its cluster, whose other workers are first told
to let go of their work, and a new one starts. The same telling makes a polite stop quick.
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
    """In a fresh child: be killed when the parent is gone (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def was_killed(process: Any) -> bool:
    """Whether a process was ended by a signal, but for the polite one."""
    code = process.exitcode
    return code is not None and code < 0 and code != -signal.SIGTERM


def tell(processes: Iterable[Any], number: int) -> None:
    """Send a signal to processes, as many as are there."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            if process.is_alive():
                os.kill(process.pid, number)


def is_busy(worker: Any) -> bool:
    """Whether a living worker has a task in hand. Reads without the lock, which may be lost."""
    return bool(worker.is_alive() and worker.timer.get_obj().value > 0)


class Sentinel(cluster.Sentinel):
    """Guards the pool as django-q2's own does, and ends with it when one of it is killed."""

    def start(self) -> None:
        # Where a whole group of processes is told to stop, our parent tells us.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def guard(self) -> None:
        threading.Thread(target=self.look_after_locks, daemon=True).start()
        super().guard()

    def look_after_locks(self) -> None:
        """Beside the guard, which itself waits for ever for the lock of a killed worker."""
        while True:
            time.sleep(LOOK_SECONDS)
            for process in [*self.pool, self.monitor, self.pusher]:
                if was_killed(process):
                    self.give_up(process)

    def reincarnate(self, process: Any) -> None:
        """A new process in the place of one that ended by itself."""
        if was_killed(process):
            self.give_up(process)
        super().reincarnate(process)

    def give_up(self, process: Any) -> None:
        """End the whole cluster; never returns."""
        log.error("process %s of the queue was killed: its cluster starts anew", process.pid)
        tell(self.pool, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(is_busy(worker) for worker in self.pool):
            time.sleep(0.1)
        tell([*self.pool, self.monitor, self.pusher], signal.SIGKILL)
        os._exit(BROKEN)

    def stop(self) -> None:
        """A polite stop: who works lets go of it."""
        tell(self.pool, signal.SIGTERM)
        super().stop()


class Cluster(cluster.Cluster):
    """A cluster that notes whether it was told to stop."""

    told = False

    def sig_handler(self, number: int, frame: FrameType | None) -> None:
        Cluster.told = True
        if self.sentinel and self.stop_event:
            super().sig_handler(number, frame)


def run() -> None:
    """A cluster, and another one whenever it breaks, until we are told to stop."""
    os.register_at_fork(after_in_child=die_with_parent)
    cluster.Sentinel = Sentinel  # the name that the cluster's start looks up
    while not Cluster.told:
        current = Cluster()
        try:
            current.start()
            current.sentinel.join()
        except RuntimeError as trouble:  # the queue does not answer
            log.error("the cluster could not start: %s", trouble)
        if not Cluster.told:
            time.sleep(PAUSE_SECONDS)
