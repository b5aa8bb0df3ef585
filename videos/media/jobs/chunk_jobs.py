"""The chunks of a long job: rows that any worker may claim, and the files they produce.

A chunk has a lease like a job. Its output is one file named after the lease's token, so that two
workers never write the same file. Chunks outlive the worker that holds the job: the next one finds
those that are ready.
"""

import logging
import os
import tarfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import now

from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.jobs import shutdown
from videos.media.jobs.leases import Lease, heartbeat, lease_duration
from videos.media.models import Job, TranscodeChunk, footage
from videos.media.storage.files import has_files, local, remove_within
from videos.media.storage.workdir import work_folder
from videos.media.transcoding import chunks
from videos.media.transcoding.chunks import ChunkMismatch, Plan
from videos.media.transcoding.encode import ProgressCallback, ignore_progress
from videos.media.transcoding.failures import UNKNOWN

log = logging.getLogger(__name__)

FOLDER = "pieces"
# Not `job__state__in`: an update with a join checks conditions against the row as it was before it
# waited for a concurrent update (PostgreSQL manual, 13.2.1)
OF_OPEN_JOB = Exists(Job.objects.filter(pk=OuterRef("job_id"), state__in=Job.OPEN))


def claim(job_id: int, token: UUID) -> TranscodeChunk | None:
    """Claim the first free chunk of a job; None if there is none."""
    moment = now()
    waiting = Q(state=TranscodeChunk.State.QUEUED) | Q(
        state=TranscodeChunk.State.RUNNING, lease_until__lt=moment
    )
    free = TranscodeChunk.objects.filter(
        waiting, OF_OPEN_JOB, job=job_id, attempts__lt=settings.MAX_ATTEMPTS
    )
    for pk in free.order_by("number").values_list("pk", flat=True):
        if free.filter(pk=pk).update(
            state=TranscodeChunk.State.RUNNING,
            token=token,
            lease_until=moment + lease_duration(),
            attempts=F("attempts") + 1,
            progress=0,
            speed=None,
        ):
            return TranscodeChunk.objects.get(pk=pk)
    return None


def rows_of(chunk: TranscodeChunk) -> QuerySet[TranscodeChunk]:
    """The row of a chunk, while our token holds it and its job is open."""
    return TranscodeChunk.objects.filter(
        OF_OPEN_JOB, pk=chunk.pk, token=chunk.token, state=TranscodeChunk.State.RUNNING
    )


def encode_chunk(
    chunk: TranscodeChunk, source: Path, plan: Plan, tell: ProgressCallback = ignore_progress
) -> None:
    """Encode a claimed chunk and store the output.

    On any error the chunk is released for another attempt, and the error raised. A chunk that
    cannot be encoded by itself is marked as failed instead.
    """
    lease = Lease(rows_of(chunk))

    def told(done: float, speed: float | None) -> None:
        lease.report_progress(done, speed)
        tell(done, speed)

    span = plan.spans[chunk.number]
    try:
        with heartbeat(lease), work_folder("piece") as folder:
            try:
                chunks.encode_span(source, folder, plan.info, plan.rungs, span, on_progress=told)
            except EncodeFailed as failure:
                if failure.code not in ("damaged", UNKNOWN):
                    raise
                # A single run of the whole source decides
                raise ChunkMismatch(str(failure)) from failure
            store(chunk, folder)
            lease.retry_while_database_is_away(partial(mark_ready, chunk))
    except ChunkMismatch as why:
        log.warning("chunk %s cannot be encoded by itself: %s", chunk, why)
        rows_of(chunk).update(state=TranscodeChunk.State.FAILED, lease_until=None)
    except BaseException as error:  # also when the worker is shut down
        release_chunk(chunk, blameless=isinstance(error, shutdown.Stopped | LeaseLost))
        raise


def store(chunk: TranscodeChunk, folder: Path) -> None:
    """Store the output of a chunk in the footage storage."""
    with tarfile.open(folder / "made.tar", "w") as tar:
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                tar.add(path, path.name)
    with (folder / "made.tar").open("rb") as file:
        name = footage().save(chunk_output_name(chunk), File(file))
    if here := local(footage(), name):
        with here.open("rb") as stored:
            os.fsync(stored.fileno())


def mark_ready(chunk: TranscodeChunk) -> None:
    """Mark a chunk as ready. Raises LeaseLost if another worker holds it."""
    done = {"state": TranscodeChunk.State.READY, "progress": 1, "speed": None, "lease_until": None}
    ready = TranscodeChunk.objects.filter(
        pk=chunk.pk, token=chunk.token, state=TranscodeChunk.State.READY
    )
    # An earlier attempt may have succeeded before the connection was lost
    if not (rows_of(chunk).update(**done) or ready.exists()):
        raise LeaseLost


def release_chunk(chunk: TranscodeChunk, *, blameless: bool) -> None:
    """Release a chunk for other workers. A blameless attempt does not count.

    If the database is not reachable, the chunk becomes free when its lease expires.
    """
    with suppress(Exception):
        if not connection.in_atomic_block:
            connection.close()  # it may have been interrupted during a query
        rows_of(chunk).update(
            state=TranscodeChunk.State.QUEUED,
            token=None,
            lease_until=None,
            progress=0,
            speed=None,
            attempts=F("attempts") - int(blameless),
        )


def chunk_folder(job_id: int) -> str:
    """The folder of a job's chunks in the footage storage."""
    return f"{FOLDER}/{job_id}"


def plan_name(job_id: int) -> str:
    """The path of a job's chunk plan."""
    return f"{chunk_folder(job_id)}/plan.json"


def chunk_output_name(chunk: TranscodeChunk) -> str:
    """The path of a chunk's output."""
    return f"{chunk_folder(chunk.job_id)}/{chunk.number:05d}-{chunk.token}.tar"


def read_plan(job_id: int) -> Plan | None:
    """The chunk plan of a job; None if it is missing or not readable."""
    try:
        with footage().open(plan_name(job_id)) as file:
            return Plan.from_text(file.read().decode())
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def delete_chunks(job_id: int) -> None:
    """Delete the chunks of a job: first the rows, then the files."""
    TranscodeChunk.objects.filter(job=job_id).delete()
    remove_within(footage(), chunk_folder(job_id))


def delete_chunks_of_ended_jobs() -> list[str]:
    """Delete the chunks of jobs that are no longer open; returns the ids of the jobs."""
    try:
        there, _files = footage().listdir(FOLDER)
    except FileNotFoundError:
        return []
    open_jobs = Job.objects.filter(state__in=Job.OPEN).values_list("pk", flat=True)
    ended = sorted(set(there) - {str(pk) for pk in open_jobs})
    full = [name for name in ended if has_files(footage(), f"{FOLDER}/{name}")]
    for name in full:
        delete_chunks(int(name))
    return full
