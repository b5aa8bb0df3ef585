"""The pieces of a long job: rows that any worker may claim, and the files they come to.

A piece is held by a lease like a job; what its worker made lies in one file named for its token,
so that two workers never write the same. Pieces outlive their job's holder: who takes the job over
finds what is done.
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

from videos.media import chunks, stopping
from videos.media.chunks import DoesNotFit, Plan
from videos.media.encode import Tell, quiet
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.failures import UNKNOWN
from videos.media.leases import Lease, beating, term
from videos.media.models import Job, Piece, footage
from videos.media.sets import has_files, local, remove_within
from videos.media.workplaces import workplace

log = logging.getLogger(__name__)

FOLDER = "pieces"
OPEN = (Job.State.QUEUED, Job.State.RUNNING)
# Not `job__state__in`: an update that joins tests its conditions on the row as it was before it
# waited for another update (PostgreSQL manual, 13.2.1).
OF_OPEN_JOB = Exists(Job.objects.filter(pk=OuterRef("job_id"), state__in=OPEN))


def claim(job_id: int, token: UUID) -> Piece | None:
    """The first free piece of a job, ours from now on."""
    moment = now()
    waiting = Q(state=Piece.State.QUEUED) | Q(state=Piece.State.RUNNING, lease_until__lt=moment)
    free = Piece.objects.filter(
        waiting, OF_OPEN_JOB, job=job_id, attempts__lt=settings.MAX_ATTEMPTS
    )
    for pk in free.order_by("number").values_list("pk", flat=True):
        if free.filter(pk=pk).update(
            state=Piece.State.RUNNING,
            token=token,
            lease_until=moment + term(),
            attempts=F("attempts") + 1,
            progress=0,
            speed=None,
        ):
            return Piece.objects.get(pk=pk)
    return None


def rows_of(piece: Piece) -> QuerySet[Piece]:
    """A piece's row, as long as it is ours and its job is not over."""
    return Piece.objects.filter(
        OF_OPEN_JOB, pk=piece.pk, token=piece.token, state=Piece.State.RUNNING
    )


def work_on(piece: Piece, source: Path, plan: Plan, tell: Tell = quiet) -> None:
    """Make a piece that we hold, and store it.

    Raises LeaseLost and whatever goes wrong; then the piece is free for another try, unless it
    cannot be made by itself at all.
    """
    lease = Lease(rows_of(piece))

    def told(done: float, speed: float | None) -> None:
        lease.tell(done, speed)
        tell(done, speed)

    span = plan.spans[piece.number]
    try:
        with beating(lease), workplace("piece") as folder:
            try:
                chunks.make(source, folder, plan.facts, plan.rungs, span, tell=told)
            except EncodeFailed as failure:
                if failure.code not in ("damaged", UNKNOWN):
                    raise
                raise DoesNotFit(str(failure)) from failure  # one run decides what it is worth
            store(piece, folder)
            lease.patiently(partial(mark_ready, piece))
    except DoesNotFit as why:
        log.warning("piece %s does not fit: %s", piece, why)
        rows_of(piece).update(state=Piece.State.FAILED, lease_until=None)
    except BaseException as error:  # also when we are told to stop
        give_back(piece, blameless=isinstance(error, stopping.Stopped | LeaseLost))
        raise


def store(piece: Piece, folder: Path) -> None:
    """Put what was made for a piece where the job's holder finds it."""
    with tarfile.open(folder / "made.tar", "w") as tar:
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                tar.add(path, path.name)
    with (folder / "made.tar").open("rb") as file:
        name = footage().save(made_name(piece), File(file))
    if here := local(footage(), name):
        with here.open("rb") as stored:
            os.fsync(stored.fileno())


def mark_ready(piece: Piece) -> None:
    """The piece is done. Raises LeaseLost if it is not ours to say."""
    done = {"state": Piece.State.READY, "progress": 1, "speed": None, "lease_until": None}
    mine = Piece.objects.filter(pk=piece.pk, token=piece.token)
    # A try before this one may have done it, and its answer got lost with the connection.
    if not (rows_of(piece).update(**done) or mine.filter(state=Piece.State.READY).exists()):
        raise LeaseLost


def give_back(piece: Piece, *, blameless: bool) -> None:
    """Let others try a piece at once; a blameless attempt is not counted.

    Where that fails, they wait until its lease runs out.
    """
    with suppress(Exception):
        if not connection.in_atomic_block:
            connection.close()  # it may have been interrupted in the middle of a sentence
        rows_of(piece).update(
            state=Piece.State.QUEUED,
            token=None,
            lease_until=None,
            progress=0,
            speed=None,
            attempts=F("attempts") - int(blameless),
        )


def folder_name(job_id: int) -> str:
    """Where a job's pieces lie in the footage storage."""
    return f"{FOLDER}/{job_id}"


def plan_name(job_id: int) -> str:
    """The file of what a job's workers have to agree on."""
    return f"{folder_name(job_id)}/plan.json"


def made_name(piece: Piece) -> str:
    """The file of what a piece's worker made."""
    return f"{folder_name(piece.job_id)}/{piece.number:05d}-{piece.token}.tar"


def read_plan(job_id: int) -> Plan | None:
    """The plan that the holder wrote; None where there is none that we can read."""
    try:
        with footage().open(plan_name(job_id)) as file:
            return Plan.of_text(file.read().decode())
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def forget(job_id: int) -> None:
    """Take a job's pieces away, rows first."""
    Piece.objects.filter(job=job_id).delete()
    remove_within(footage(), folder_name(job_id))


def forget_ended() -> list[str]:
    """Take away the pieces of jobs that are over; returns the jobs' numbers."""
    try:
        there, _files = footage().listdir(FOLDER)
    except FileNotFoundError:
        return []
    open_jobs = Job.objects.filter(state__in=OPEN).values_list("pk", flat=True)
    ended = sorted(set(there) - {str(pk) for pk in open_jobs})
    full = [name for name in ended if has_files(footage(), f"{FOLDER}/{name}")]
    for name in full:
        forget(int(name))
    return full
