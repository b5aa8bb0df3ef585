"""The task of a worker: take the best waiting job, do what its kind asks for, and end it.

A delivered task is a wake-up. Which job it is for is decided when it is claimed, so a task that
comes late, twice or out of order changes nothing, and what is asked for first is done first.
"""

import logging
import os
import socket
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.timezone import now
from django_q.tasks import async_task

from videos.media import stopping
from videos.media.ending import Held, let_go, rows_of, stumble
from videos.media.errors import LeaseLost
from videos.media.failures import failure_of
from videos.media.kinds import WORKS
from videos.media.leases import Lease, beating, term
from videos.media.models import Cut, Job

log = logging.getLogger(__name__)

TASK = "videos.media.tasks.transcode"


def enqueue(job: Job) -> None:
    """Send a job to the queue when the transaction commits."""
    Job.objects.filter(pk=job.pk).update(sent_at=now())
    transaction.on_commit(partial(wake, job.pk))


def wake(job_id: int) -> None:
    """Wake a worker. A queue that is away loses nothing: the schedule sends the job again."""
    cluster = {"cluster": settings.TRANSCODE_CLUSTER} if settings.TRANSCODE_CLUSTER else {}
    try:
        async_task(TASK, job_id, **cluster)
    except Exception:  # of whichever broker: the row is what counts
        log.warning("job %s could not be sent, and will be sent again", job_id, exc_info=True)


def free(moment: datetime) -> Q:
    """Jobs that anyone may take at a moment."""
    waiting = Q(state=Job.State.QUEUED) & (Q(not_before=None) | Q(not_before__lte=moment))
    abandoned = Q(state=Job.State.RUNNING, lease_until__lt=moment)
    return (waiting | abandoned) & Q(attempts__lt=settings.MAX_ATTEMPTS)


def claim(token: UUID) -> Job | None:
    """The best free job, ours from now on; of two workers the database lets one through."""
    while True:
        moment = now()
        waiting = Job.objects.filter(free(moment)).order_by("-priority", "queued_at", "pk")
        best = waiting.values_list("pk", flat=True).first()
        if best is None:
            return None
        if Job.objects.filter(free(moment), pk=best).update(
            state=Job.State.RUNNING,
            token=token,
            lease_until=moment + term(),
            attempts=F("attempts") + 1,
            not_before=None,
            worker=f"{socket.gethostname()[:100]}:{os.getpid()}",
            progress_before=F("progress"),
            speed=None,
            reason="",
            failure="",
            started_at=moment,
        ):
            return Job.objects.get(pk=best)


def transcode(job_id: int) -> None:
    """Take one job and do it to its end. `job_id` is who asked for the wake-up."""
    token = uuid4()
    try:
        with stopping.interruptible():
            job = claim(token)
            if job is None:
                log.info("woken for job %s: nothing waits", job_id)
                return
            work(job, token)
    except stopping.Stopped:
        release(token, job_id)


def work(job: Job, token: UUID) -> None:
    """Do a job that we hold."""
    lease = Lease(rows_of(job.pk, token), job.progress)
    cuts = Cut.objects.select_related("video", "uploaded_by")
    try:
        with beating(lease):
            held = Held(job, lease.patiently(partial(cuts.get, pk=job.cut_id)), token, lease)
            lease.patiently(partial(mark_working, held))
            try:
                WORKS[job.kind](held)
            except LeaseLost:
                raise
            except Exception as error:
                failure = failure_of(error)
                log.warning(
                    "job %s, attempt %d: %s", job.pk, job.attempts, failure.code, exc_info=error
                )
                stumble(held, failure, enqueue)
    except (LeaseLost, Cut.DoesNotExist):  # taken over, cancelled, or its cut removed
        log.warning("job %s is not ours any more, our work is thrown away", job.pk)


def mark_working(held: Held) -> None:
    """The cut is being made ready, unless it is."""
    waiting = Cut.objects.filter(pk=held.cut.pk).exclude(state=Cut.State.READY)
    if held.job.kind == "full":
        waiting.update(state=Cut.State.WORKING, reason="")


def release(token: UUID, job_id: int) -> None:
    """Told to stop: the job that `token` holds is free at once, and the attempt costs nothing."""
    if not connection.in_atomic_block:
        connection.close()  # it may have been interrupted in the middle of a sentence
    running = Job.objects.filter(state=Job.State.RUNNING, token=token)
    job = running.select_related("cut").first()
    if job is None:
        wake(job_id)  # for another cluster: this one takes nothing any more
        return
    held = Held(job, job.cut, token, Lease(rows_of(job.pk, token)))
    with suppress(LeaseLost):
        let_go(held, enqueue, {"attempts": F("attempts") - 1})
    log.warning("job %s is let go: this worker is told to stop", job.pk)
