"""The transcode of a cut by a worker: claimed with a lease, harmless when it comes twice.

A worker holds a job by its token and renews the lease while it works; who lost the lease throws
its work away. A schedule takes over from workers that died.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from videos.media import pipeline
from videos.media.encode import Tell
from videos.media.errors import EncodeFailed, LeaseLost, SourceRefused
from videos.media.models import Cut, Job
from videos.media.pipeline import Made
from videos.media.sets import local_copy, new_folder, record, remove_leftovers
from videos.media.signals import cut_failed, cut_ready
from videos.planning.models import Stage, Video
from videos.planning.stages import move

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 15
TELL_SECONDS = 1.0
UNCLAIMED = timedelta(seconds=60)
MAX_ATTEMPTS = 3
TASK = "videos.media.tasks.transcode"
TO_REVIEW = (Stage.SHOT, Stage.EDITING, Stage.APPROVED)


def enqueue(job: Job) -> None:
    """Send a job to the queue when the transaction commits."""
    Job.objects.filter(pk=job.pk).update(sent_at=now())
    cluster = {"cluster": settings.TRANSCODE_CLUSTER} if settings.TRANSCODE_CLUSTER else {}
    transaction.on_commit(partial(async_task, TASK, job.pk, **cluster))


def claim(job_id: int, token: UUID) -> bool:
    """Whether the job is ours from now on: of two workers the database lets one through."""
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now())
    return bool(
        Job.objects.filter(free, pk=job_id, attempts__lt=MAX_ATTEMPTS).update(
            state=Job.State.RUNNING,
            token=token,
            lease_until=now() + LEASE,
            attempts=F("attempts") + 1,
            progress=0,
            started_at=now(),
        )
    )


def transcode(job_id: int) -> None:
    """Make the set of a job's cut. Coming twice, or late, changes nothing."""
    token = uuid4()
    if not claim(job_id, token):
        log.info("job %s is done, or another worker holds it", job_id)
        return
    mine = Job.objects.filter(pk=job_id, state=Job.State.RUNNING, token=token)
    cut = Cut.objects.select_related("video", "uploaded_by").get(jobs=job_id)
    Cut.objects.filter(pk=cut.pk).update(state=Cut.State.WORKING, reason="")
    try:
        with (
            held(mine) as tell,
            new_folder(token) as folder,
            local_copy(str(cut.source.name)) as source,
        ):
            finish(mine, cut, token, pipeline.transcode(source, folder, tell=tell))
    except (SourceRefused, EncodeFailed) as failure:
        fail(mine, cut, str(failure))
    except LeaseLost:
        log.warning("job %s: another worker has it now, our work is thrown away", job_id)
    except BaseException:
        mine.update(lease_until=now())  # for the schedule to try again soon
        raise


@contextmanager
def held(mine: QuerySet[Job]) -> Iterator[Tell]:
    """Keeps the lease while the block runs, and gives it a `tell` that raises LeaseLost."""
    over, lost = threading.Event(), threading.Event()
    told = [0.0]

    def beat() -> None:
        try:
            while not over.wait(HEARTBEAT_SECONDS):
                if not mine.update(lease_until=now() + LEASE):
                    lost.set()
                    return
        finally:
            connection.close()

    def tell(done: float, speed: float | None) -> None:
        if lost.is_set():
            raise LeaseLost
        if time.monotonic() - told[0] < TELL_SECONDS:
            return
        told[0] = time.monotonic()
        if not mine.update(progress=done, speed=speed, lease_until=now() + LEASE):
            raise LeaseLost

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        over.set()
        thread.join()


def finish(mine: QuerySet[Job], cut: Cut, token: UUID, made: Made) -> None:
    """Show the finished set: one pointer changes, with the cut, its job and the video's stage."""
    with transaction.atomic():
        # The video first, as everyone does, so that nobody waits in a circle.
        video = Video.objects.select_for_update().get(pk=cut.video_id)
        if not mine.update(state=Job.State.READY, progress=1, ended_at=now(), lease_until=None):
            raise LeaseLost
        Cut.objects.filter(pk=cut.pk).update(
            state=Cut.State.READY,
            reason="",
            facts=made.facts.as_values(),
            current_set=record(cut, token, made),
        )
        if video.stage in TO_REVIEW:
            move(video.pk, Stage.REVIEW, room="media", by=cut.uploaded_by)
        cut.refresh_from_db()
        transaction.on_commit(partial(cut_ready.send, sender=Cut, cut=cut))
    log.info("cut %s is ready: %s bytes", cut.pk, made.bytes)


def fail(mine: QuerySet[Job], cut: Cut, reason: str) -> None:
    """End a job with a reason for a producer; the source stays as it is."""
    with transaction.atomic():
        if not mine.update(state=Job.State.FAILED, reason=reason, ended_at=now(), lease_until=None):
            return
        Cut.objects.filter(pk=cut.pk).update(state=Cut.State.FAILED, reason=reason)
        cut.refresh_from_db()
        transaction.on_commit(partial(cut_failed.send, sender=Cut, cut=cut))
    log.warning("cut %s failed: %s", cut.pk, reason)


def retry(cut: Cut) -> bool:
    """Try a failed cut again from the start. False if it has not failed, or someone was first."""
    with transaction.atomic():
        failed = Cut.objects.filter(pk=cut.pk, state=Cut.State.FAILED)
        if not failed.update(state=Cut.State.WAITING, reason=""):
            return False
        enqueue(Job.objects.create(cut=cut))
    return True


def requeue_stale() -> None:
    """Every minute: take over from dead workers, resend what got lost, and tidy up."""
    moment = now()
    dead = Q(state=Job.State.RUNNING, lease_until__lt=moment)
    for job in Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS).select_related("cut__video"):
        still_dead = Job.objects.filter(dead, pk=job.pk, token=job.token)
        fail(still_dead, job.cut, worn_out())
    again = dead | Q(state=Job.State.QUEUED) & (
        Q(sent_at__lt=moment - UNCLAIMED) | Q(sent_at__isnull=True)
    )
    for job in Job.objects.filter(again, attempts__lt=MAX_ATTEMPTS):
        with transaction.atomic():
            ours = Job.objects.filter(again, pk=job.pk, sent_at=job.sent_at)
            if ours.update(state=Job.State.QUEUED, token=None, lease_until=None, sent_at=moment):
                log.warning("job %s is sent again after %s attempts", job.pk, job.attempts)
                enqueue(job)
    if leftovers := remove_leftovers():
        log.warning("leftovers of failed attempts removed: %s", ", ".join(leftovers))


def worn_out() -> str:
    """The reason of a job whose workers died one after the other."""
    return _(
        "The studio tried %(times)d times and was interrupted each time. "
        "Try again; if it stays so, tell the studio's keeper."
    ) % {"times": MAX_ATTEMPTS}
