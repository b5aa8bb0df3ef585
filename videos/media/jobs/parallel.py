"""Encoding a long source in chunks, by several workers at once.

The worker that holds the job creates the chunks, encodes chunks like the others, waits for the last
ones and joins them, so one worker alone is enough. Others are asked to help through the queue.
"""

import logging
import tarfile
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F, FloatField, Q, Sum
from django.utils.timezone import now
from django_q.tasks import async_task

from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.jobs import shutdown
from videos.media.jobs.chunk_jobs import (
    OF_OPEN_JOB,
    chunk_output_name,
    claim,
    delete_chunks,
    encode_chunk,
    plan_name,
    read_plan,
    release_chunk,
    rows_of,
)
from videos.media.jobs.leases import DATABASE_AWAY, Lease, heartbeat
from videos.media.jobs.outcome import ClaimedJob
from videos.media.models import Job, TranscodeChunk, footage
from videos.media.storage.files import local_copy
from videos.media.transcoding import chunks
from videos.media.transcoding.chunks import ChunkMismatch, Plan
from videos.media.transcoding.encode import ProgressCallback
from videos.media.transcoding.failures import attempts_exhausted
from videos.media.transcoding.source_info import SourceInfo

log = logging.getLogger(__name__)

TASK = "videos.media.jobs.parallel.help_with"
WAIT_SECONDS = 1.0


def should_split(facts: SourceInfo, source: Path) -> bool:
    """Whether to encode a source in chunks: it is long, and has an index to seek by."""
    threshold = settings.CHUNK_FROM_SECONDS
    return 0 < threshold <= facts.seconds and chunks.has_index(source)


def encode_in_chunks(
    claimed: ClaimedJob, source: Path, plan: Plan, folder: Path, tell: ProgressCallback
) -> None:
    """Encode all chunks, together with other workers, and join them in `folder`.

    Raises ChunkMismatch if the source has to be encoded in one run, EncodeFailed, LeaseLost.
    """
    job, lease = claimed.job, claimed.lease
    lease.retry_while_database_is_away(partial(create_chunks, job, plan))
    wake(job.pk)
    told = CombinedProgress(job.pk, tell)
    while not lease.retry_while_database_is_away(partial(all_ready, job.pk)):
        chunk = lease.retry_while_database_is_away(partial(claim, job.pk, uuid4()))
        if chunk:
            encode_chunk(chunk, source, plan, told)
        else:
            told(0, None)
            lease.check()
            time.sleep(WAIT_SECONDS)
    join_chunks(job.pk, plan, folder)


class CombinedProgress:
    """Reports the progress of all chunks, at most once a second from the database."""

    def __init__(self, job_id: int, tell: ProgressCallback) -> None:
        self.job_id, self.tell = job_id, tell
        self.last: tuple[float, float | None] = (0.0, None)
        self.asked = 0.0

    def __call__(self, done: float, speed: float | None) -> None:
        if time.monotonic() - self.asked > WAIT_SECONDS:
            self.asked = time.monotonic()
            with suppress(*DATABASE_AWAY):  # a short database outage does not stop an encode
                self.last = combined_progress(self.job_id)
        self.tell(*self.last)


def combined_progress(job_id: int) -> tuple[float, float | None]:
    """(progress from 0 to 1, speed as a multiple of real time) of all chunks of a job."""
    chunk_rows = TranscodeChunk.objects.filter(job=job_id)
    sums = chunk_rows.aggregate(
        of=Sum("frames"),
        done=Sum(F("frames") * F("progress"), output_field=FloatField()),
        speed=Sum("speed", filter=Q(state=TranscodeChunk.State.RUNNING)),
    )
    return (sums["done"] or 0) / (sums["of"] or 1), sums["speed"]


def create_chunks(job: Job, plan: Plan) -> None:
    """Save the plan and create the chunks. Those of an earlier attempt are kept if they match."""
    there = TranscodeChunk.objects.filter(job=job).count()
    if there == len(plan.spans) and read_plan(job.pk) == plan:
        return
    delete_chunks(job.pk)
    footage().save(plan_name(job.pk), ContentFile(plan.as_text().encode()))
    TranscodeChunk.objects.bulk_create(
        TranscodeChunk(job=job, number=span.number, first_frame=span.first, frames=span.frames)
        for span in plan.spans
    )


def all_ready(job_id: int) -> bool:
    """Whether all chunks are ready.

    Raises ChunkMismatch if one cannot be encoded by itself, EncodeFailed if one is out of attempts.
    """
    left = TranscodeChunk.objects.filter(job=job_id).exclude(state=TranscodeChunk.State.READY)
    if left.filter(state=TranscodeChunk.State.FAILED).exists():
        raise ChunkMismatch(f"job {job_id}")
    abandoned = Q(state=TranscodeChunk.State.QUEUED) | Q(lease_until__lt=now())
    if left.filter(abandoned, attempts__gte=settings.MAX_ATTEMPTS).exists():
        raise EncodeFailed(attempts_exhausted(settings.MAX_ATTEMPTS), "interrupted")
    return not left.exists()


def join_chunks(job_id: int, plan: Plan, folder: Path) -> None:
    """Join the outputs of all chunks in `folder`."""
    parts = []
    for chunk in TranscodeChunk.objects.filter(job=job_id).order_by("number"):
        parts.append(folder / f"chunk-{chunk.number}")
        with local_copy(chunk_output_name(chunk)) as made, tarfile.open(made) as tar:
            tar.extractall(parts[-1], filter="data")
    chunks.join_spans(parts, folder, plan.rungs)


def wake(job_id: int) -> None:
    """Ask one more worker to help. If the queue is not reachable, the job only takes longer."""
    cluster = {"cluster": settings.TRANSCODE_CLUSTER} if settings.TRANSCODE_CLUSTER else {}
    try:
        async_task(TASK, job_id, **cluster)
    except Exception:  # of whichever broker
        log.warning("no worker could be asked to help with job %s", job_id, exc_info=True)


def help_with(job_id: int) -> None:
    """The task that helps with the chunks of a job. Safe to run twice, or too late."""
    token = uuid4()
    try:
        with shutdown.interruptible():
            if work_on_chunks(job_id, token) and has_unclaimed_chunks(job_id):
                wake(job_id)
    except LeaseLost:
        log.info("another worker holds the chunk of job %s now", job_id)
    except shutdown.Stopped:
        for chunk in TranscodeChunk.objects.filter(token=token):
            release_chunk(chunk, blameless=True)
        wake(job_id)  # for another cluster: this one is shutting down
    except Exception:
        # The chunk is free again. The worker that tries it next reports what is wrong.
        log.warning("helping with job %s", job_id, exc_info=True)


def work_on_chunks(job_id: int, token: UUID) -> bool:
    """Encode chunks until none is left or other work is waiting; returns whether to come back.

    Each worker that finds a chunk asks for one more worker, so that all free workers help and the
    queue holds at most one task too many.
    """
    job = Job.objects.select_related("cut").filter(pk=job_id, state__in=Job.OPEN).first()
    chunk = claim(job_id, token) if job else None
    if job is None or chunk is None:
        return False
    if has_unclaimed_chunks(job_id):
        wake(job_id)
    with ExitStack() as stack:
        with heartbeat(Lease(rows_of(chunk))):  # the copy may take minutes
            source = stack.enter_context(local_copy(str(job.cut.source.name)))
        while chunk:
            plan = read_plan(job_id)
            if plan is None or not plan.is_current:  # made by another release
                release_chunk(chunk, blameless=True)
                return False
            encode_chunk(chunk, source, plan)
            if are_others_waiting():
                return True
            chunk = claim(job_id, token)
    return False


def has_unclaimed_chunks(job_id: int) -> bool:
    """Whether a chunk is waiting for a worker."""
    return TranscodeChunk.objects.filter(
        OF_OPEN_JOB, job=job_id, state=TranscodeChunk.State.QUEUED
    ).exists()


def are_others_waiting() -> bool:
    """Whether a helper should queue again behind other jobs, or other tasks in a shared queue."""
    return not settings.TRANSCODE_CLUSTER or Job.objects.filter(state=Job.State.QUEUED).exists()
