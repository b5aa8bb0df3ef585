"""Every minute: take over from dead workers, send again what got lost, and tidy up."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django_q.brokers import get_broker

from videos.media import workplaces
from videos.media.ending import fail, rows_of
from videos.media.ends import look_at_ends
from videos.media.failures import Failure, worn_out
from videos.media.models import Cut, Job
from videos.media.pieces import forget_ended
from videos.media.sets import remove_leftovers, remove_replaced
from videos.media.tasks import enqueue
from videos.media.telling import tell_the_untold

log = logging.getLogger(__name__)


def every_minute() -> None:
    """The schedule's task. A part that fails stops no other."""
    for part in (give_up, take_over, send_again, tell_the_untold, look_at_ends, tidy_up):
        try:
            part()
        except Exception:  # the loop must go on; the next minute tries again
            log.exception("the upkeep of jobs: %s", part.__name__)


def abandoned(moment: datetime) -> Q:
    """Jobs whose worker renews their lease no more."""
    return Q(state=Job.State.RUNNING, lease_until__lt=moment)


def give_up() -> None:
    """Fail the abandoned jobs that have had all their attempts. One that cannot stops no other."""
    spent = Job.objects.filter(abandoned(now()), attempts__gte=settings.MAX_ATTEMPTS)
    for job in spent:
        still = rows_of(job.pk, job.token).filter(abandoned(now()))
        try:
            fail(still, job, Failure("interrupted", worn_out(job.attempts)))
        except Exception:  # the loop must go on; the next minute tries again
            log.exception("job %s cannot be given up", job.pk)


def take_over() -> None:
    """Queue the other abandoned jobs again."""
    for job in Job.objects.filter(abandoned(now()), attempts__lt=settings.MAX_ATTEMPTS):
        with transaction.atomic():
            still = rows_of(job.pk, job.token).filter(abandoned(now()))
            if still.update(state=Job.State.QUEUED, token=None, lease_until=None, speed=None):
                working = Cut.objects.filter(pk=job.cut_id, state=Cut.State.WORKING)
                working.update(state=Cut.State.WAITING)
                log.warning("job %s is sent again after %d attempts", job.pk, job.attempts)
                enqueue(job)


def send_again() -> None:
    """Send the waiting jobs again that nobody claimed since a lease's time ago.

    No more than are missing in the queue: where all workers are busy for hours, it must not grow.
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
    """Take away what dead attempts left, and what nobody can be playing any more."""
    if leftovers := remove_leftovers():
        log.warning("leftovers of failed attempts removed: %s", ", ".join(leftovers))
    if pieces := forget_ended():
        log.warning("pieces of jobs that are over removed: %s", ", ".join(pieces))
    if replaced := remove_replaced():
        log.info("replaced sets removed: %s", ", ".join(replaced))
    if folders := workplaces.sweep():
        log.warning("work folders of dead processes removed: %s", ", ".join(map(str, folders)))
