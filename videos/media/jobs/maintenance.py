"""Maintenance of jobs, every minute: requeue abandoned ones, resend lost tasks, clean up."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django_q.brokers import get_broker

from videos.media.jobs.chunk_jobs import delete_chunks_of_ended_jobs
from videos.media.jobs.end_repair_queue import check_ends
from videos.media.jobs.notifications import send_missed_notifications
from videos.media.jobs.outcome import fail, rows_of
from videos.media.jobs.tasks import enqueue
from videos.media.models import Cut, Job
from videos.media.renditions.sets import remove_leftovers, remove_replaced
from videos.media.storage import workdir
from videos.media.transcoding.failures import Failure, attempts_exhausted

log = logging.getLogger(__name__)


def every_minute() -> None:
    """The scheduled task. If one step fails, the others still run."""
    for part in (
        fail_exhausted,
        requeue_abandoned,
        resend_unclaimed,
        send_missed_notifications,
        check_ends,
        tidy_up,
    ):
        try:
            part()
        except Exception:  # the loop must go on; the next minute tries again
            log.exception("job maintenance failed: %s", part.__name__)


def abandoned(moment: datetime) -> Q:
    """Running jobs whose lease has expired."""
    return Q(state=Job.State.RUNNING, lease_until__lt=moment)


def fail_exhausted() -> None:
    """Fail abandoned jobs that are out of attempts. An error does not stop the others."""
    spent = Job.objects.filter(abandoned(now()), attempts__gte=settings.MAX_ATTEMPTS)
    for job in spent:
        still = rows_of(job.pk, job.token).filter(abandoned(now()))
        try:
            fail(still, job, Failure("interrupted", attempts_exhausted(job.attempts)))
        except Exception:  # the loop must go on; the next minute tries again
            log.exception("job %s could not be failed", job.pk)


def requeue_abandoned() -> None:
    """Queue abandoned jobs again that have attempts left."""
    for job in Job.objects.filter(abandoned(now()), attempts__lt=settings.MAX_ATTEMPTS):
        with transaction.atomic():
            still = rows_of(job.pk, job.token).filter(abandoned(now()))
            if still.update(state=Job.State.QUEUED, token=None, lease_until=None, speed=None):
                working = Cut.objects.filter(pk=job.cut_id, state=Cut.State.WORKING)
                working.update(state=Cut.State.WAITING)
                log.warning("job %s is sent again after %d attempts", job.pk, job.attempts)
                enqueue(job)


def resend_unclaimed() -> None:
    """Queue tasks again for jobs that nobody claimed within the lease duration.

    Only as many as are missing in the queue, so that it does not grow while all workers are busy.
    """
    moment = now()
    unclaimed = moment - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    lost = Q(sent_at=None) | Q(sent_at__lt=unclaimed)
    due = Q(not_before=None) | Q(not_before__lte=moment)
    waiting = list(
        Job.objects.filter(lost & due, state=Job.State.QUEUED).order_by("-priority", "queued_at")
    )
    if not waiting:
        return
    missing = max(0, len(waiting) - get_broker(settings.TRANSCODE_CLUSTER or None).queue_size())
    for job in waiting[:missing]:
        with transaction.atomic():
            still = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, sent_at=job.sent_at)
            if still.update(sent_at=moment):
                enqueue(job)


def tidy_up() -> None:
    """Delete what failed attempts left behind, and replaced sets that nobody plays any more."""
    if leftovers := remove_leftovers():
        log.warning("leftovers of failed attempts removed: %s", ", ".join(leftovers))
    if pieces := delete_chunks_of_ended_jobs():
        log.warning("chunks of ended jobs removed: %s", ", ".join(pieces))
    if replaced := remove_replaced():
        log.info("replaced sets removed: %s", ", ".join(replaced))
    if folders := workdir.sweep():
        log.warning("work folders of dead processes removed: %s", ", ".join(map(str, folders)))
