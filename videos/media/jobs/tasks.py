"""The task of a worker: claim the next job, run it, and record the outcome.

A queued task only wakes a worker. The job is chosen when it is claimed, so tasks may come late,
twice or out of order, and jobs run by priority.
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

from videos.media.errors import LeaseLost
from videos.media.jobs import shutdown
from videos.media.jobs.handlers import HANDLERS
from videos.media.jobs.leases import Lease, heartbeat, lease_duration
from videos.media.jobs.outcome import ClaimedJob, requeue, retry_or_fail, rows_of
from videos.media.models import Cut, Job
from videos.media.transcoding.failures import failure_of

log = logging.getLogger(__name__)

TASK = "videos.media.jobs.tasks.transcode"


def enqueue(job: Job) -> None:
    """Queue a job when the transaction commits."""
    Job.objects.filter(pk=job.pk).update(sent_at=now())
    transaction.on_commit(partial(wake, job.pk))


def wake(job_id: int) -> None:
    """Wake a worker. If the queue is not reachable, the schedule sends the job again."""
    cluster = {"cluster": settings.TRANSCODE_CLUSTER} if settings.TRANSCODE_CLUSTER else {}
    try:
        async_task(TASK, job_id, **cluster)
    except Exception:  # of whichever broker: the row is what counts
        log.warning("job %s could not be sent, and will be sent again", job_id, exc_info=True)


def claimable(moment: datetime) -> Q:
    """Jobs that any worker may claim at this time."""
    waiting = Q(state=Job.State.QUEUED) & (Q(not_before=None) | Q(not_before__lte=moment))
    abandoned = Q(state=Job.State.RUNNING, lease_until__lt=moment)
    return (waiting | abandoned) & Q(attempts__lt=settings.MAX_ATTEMPTS)


def claim(token: UUID) -> Job | None:
    """Claim the next job; None if there is none. No two workers can claim the same job."""
    while True:
        moment = now()
        waiting = Job.objects.filter(claimable(moment)).order_by("-priority", "queued_at", "pk")
        best = waiting.values_list("pk", flat=True).first()
        if best is None:
            return None
        if Job.objects.filter(claimable(moment), pk=best).update(
            state=Job.State.RUNNING,
            token=token,
            lease_until=moment + lease_duration(),
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
    """Claim one job and run it. `job_id` is only logged: any job may be claimed."""
    token = uuid4()
    try:
        with shutdown.interruptible():
            job = claim(token)
            if job is None:
                log.info("woken for job %s: no job is waiting", job_id)
                return
            run_job(job, token)
    except shutdown.Stopped:
        release_job(token, job_id)


def run_job(job: Job, token: UUID) -> None:
    """Run a claimed job, and record the outcome."""
    lease = Lease(rows_of(job.pk, token), job.progress)
    cuts = Cut.objects.select_related("video", "uploaded_by")
    try:
        with heartbeat(lease):
            claimed = ClaimedJob(
                job,
                lease.retry_while_database_is_away(partial(cuts.get, pk=job.cut_id)),
                token,
                lease,
            )
            lease.retry_while_database_is_away(partial(mark_working, claimed))
            try:
                HANDLERS[job.kind](claimed)
            except LeaseLost:
                raise
            except Exception as error:
                failure = failure_of(error)
                log.warning(
                    "job %s, attempt %d: %s", job.pk, job.attempts, failure.code, exc_info=error
                )
                retry_or_fail(claimed, failure, enqueue)
    except (LeaseLost, Cut.DoesNotExist):  # or the job was cancelled, or its cut removed
        log.warning(
            "job %s was cancelled or claimed by another worker: our work is discarded", job.pk
        )


def mark_working(claimed: ClaimedJob) -> None:
    """Mark the cut of a full job as in progress, unless it is ready."""
    waiting = Cut.objects.filter(pk=claimed.cut.pk).exclude(state=Cut.State.READY)
    if claimed.job.kind == Job.Kind.FULL:
        waiting.update(state=Cut.State.WORKING, reason="")


def release_job(token: UUID, job_id: int) -> None:
    """On shutdown, requeue the job that `token` holds. The attempt does not count."""
    if not connection.in_atomic_block:
        connection.close()  # it may have been interrupted during a query
    running = Job.objects.filter(state=Job.State.RUNNING, token=token)
    job = running.select_related("cut").first()
    if job is None:
        wake(job_id)  # for another cluster: this one is shutting down
        return
    claimed = ClaimedJob(job, job.cut, token, Lease(rows_of(job.pk, token)))
    with suppress(LeaseLost):
        requeue(claimed, enqueue, {"attempts": F("attempts") - 1})
    log.warning("job %s is requeued: this worker is shutting down", job.pk)
