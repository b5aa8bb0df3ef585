"""Why the queue's cluster has a guard of its own: see studio/operations/cluster.py."""

import subprocess
import sys

from django.conf import settings

KILLED_WITH_THE_LOCK = """
import multiprocessing, os, signal, uuid
import django
django.setup()
from django_q import cluster

event = multiprocessing.Event
sentinel = cluster.Sentinel(event(), event(), uuid.uuid4(), start=False)
sentinel.spawn_worker()
worker = sentinel.pool[0]
lock = sentinel.task_queue._rlock  # a worker that waits for a task holds it
while lock.acquire(block=False):
    lock.release()
    worker.join(timeout=0.01)
os.kill(worker.pid, signal.SIGKILL)
worker.join()
sentinel.reincarnate(worker)
sentinel.task_queue.put("STOP")
successor = sentinel.pool[0]
successor.join(timeout=3)
print("hangs" if successor.is_alive() else "works", flush=True)
successor.kill()
os._exit(0)
"""


def test_django_q2_still_hangs_after_a_worker_is_killed():
    """When this fails, django-q2 recovers by itself, and our `Sentinel` may go."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WITH_THE_LOCK],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "hangs"
