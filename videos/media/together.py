"""A long source made by many workers at once: its job's holder, and those who help.

The holder cuts the source up, works on pieces like everyone else, waits for the last ones and
joins them: one worker alone comes to the end, too. Helpers are asked for through the queue.
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

from videos.media import chunks, stopping
from videos.media.chunks import DoesNotFit, Plan
from videos.media.encode import Tell
from videos.media.ending import Held
from videos.media.errors import EncodeFailed, LeaseLost
from videos.media.facts import Facts
from videos.media.failures import worn_out
from videos.media.leases import AWAY, Lease, beating
from videos.media.models import Job, Piece, footage
from videos.media.pieces import (
    OF_OPEN_JOB,
    OPEN,
    claim,
    forget,
    give_back,
    made_name,
    plan_name,
    read_plan,
    rows_of,
    work_on,
)
from videos.media.sets import local_copy

log = logging.getLogger(__name__)

TASK = "videos.media.together.help_with"
WAIT_SECONDS = 1.0


def are_due(facts: Facts, source: Path) -> bool:
    """Whether a source is to be cut up: a long one, in which a span can be found."""
    threshold = settings.CHUNK_FROM_SECONDS
    return 0 < threshold <= facts.seconds and chunks.has_index(source)


def make_pictures(held: Held, source: Path, plan: Plan, folder: Path, tell: Tell) -> None:
    """Have all pieces made, by ourselves and by who helps, and join them in `folder`.

    Raises DoesNotFit when the source is to be made in one run instead, EncodeFailed, LeaseLost.
    """
    job, lease = held.job, held.lease
    lease.patiently(partial(lay_out, job, plan))
    wake(job.pk)
    told = Told(job.pk, tell)
    while not lease.patiently(partial(all_ready, job.pk)):
        piece = lease.patiently(partial(claim, job.pk, uuid4()))
        if piece:
            work_on(piece, source, plan, told)
        else:
            told(0, None)
            lease.check()
            time.sleep(WAIT_SECONDS)
    gather(job.pk, plan, folder)


class Told:
    """Tells how far all pieces are together, however often one of them says something."""

    def __init__(self, job_id: int, tell: Tell) -> None:
        self.job_id, self.tell = job_id, tell
        self.last: tuple[float, float | None] = (0.0, None)
        self.asked = 0.0

    def __call__(self, done: float, speed: float | None) -> None:
        if time.monotonic() - self.asked > WAIT_SECONDS:
            self.asked = time.monotonic()
            with suppress(*AWAY):  # a database that is away for a while ends no encode
                self.last = standing(self.job_id)
        self.tell(*self.last)


def standing(job_id: int) -> tuple[float, float | None]:
    """How far a job's pieces are together, from 0 to 1, and at what speed."""
    pieces = Piece.objects.filter(job=job_id)
    sums = pieces.aggregate(
        of=Sum("frames"),
        done=Sum(F("frames") * F("progress"), output_field=FloatField()),
        speed=Sum("speed", filter=Q(state=Piece.State.RUNNING)),
    )
    return (sums["done"] or 0) / (sums["of"] or 1), sums["speed"]


def lay_out(job: Job, plan: Plan) -> None:
    """The plan and a row for each span; those of a holder before us stay, if they are the same."""
    there = Piece.objects.filter(job=job).count()
    if there == len(plan.spans) and read_plan(job.pk) == plan:
        return
    forget(job.pk)
    footage().save(plan_name(job.pk), ContentFile(plan.as_text().encode()))
    Piece.objects.bulk_create(
        Piece(job=job, number=span.number, first_frame=span.first, frames=span.frames)
        for span in plan.spans
    )


def all_ready(job_id: int) -> bool:
    """Whether every piece is done. Raises DoesNotFit, or EncodeFailed when one cannot be had."""
    left = Piece.objects.filter(job=job_id).exclude(state=Piece.State.READY)
    if left.filter(state=Piece.State.FAILED).exists():
        raise DoesNotFit(f"job {job_id}")
    abandoned = Q(state=Piece.State.QUEUED) | Q(lease_until__lt=now())
    if left.filter(abandoned, attempts__gte=settings.MAX_ATTEMPTS).exists():
        raise EncodeFailed(worn_out(settings.MAX_ATTEMPTS), "interrupted")
    return not left.exists()


def gather(job_id: int, plan: Plan, folder: Path) -> None:
    """Join what all pieces made in `folder`."""
    parts = []
    for piece in Piece.objects.filter(job=job_id).order_by("number"):
        parts.append(folder / f"piece-{piece.number}")
        with local_copy(made_name(piece)) as made, tarfile.open(made) as tar:
            tar.extractall(parts[-1], filter="data")
    chunks.join(parts, folder, plan.rungs)


def wake(job_id: int) -> None:
    """Ask one more worker to help. A queue that is away costs time, and nothing else."""
    cluster = {"cluster": settings.TRANSCODE_CLUSTER} if settings.TRANSCODE_CLUSTER else {}
    try:
        async_task(TASK, job_id, **cluster)
    except Exception:  # of whichever broker
        log.warning("nobody could be asked to help with job %s", job_id, exc_info=True)


def help_with(job_id: int) -> None:
    """The task of a helper. Coming twice, or late, it finds nothing to do."""
    token = uuid4()
    try:
        with stopping.interruptible():
            if help_out(job_id, token) and is_unclaimed(job_id):
                wake(job_id)
    except LeaseLost:
        log.info("job %s needs our help with a piece no more", job_id)
    except stopping.Stopped:
        for piece in Piece.objects.filter(token=token):
            give_back(piece, blameless=True)
        wake(job_id)  # for another cluster: this one takes nothing any more
    except Exception:
        # The piece is free, and the next who tries it, or the job's holder, says what is wrong.
        log.warning("helping with job %s", job_id, exc_info=True)


def help_out(job_id: int, token: UUID) -> bool:
    """Work on pieces until none is left, or others wait. True if there is reason to come back.

    Each helper that finds work asks for one more, so that there are as many as workers are free,
    and never more than one too many in the queue.
    """
    job = Job.objects.select_related("cut").filter(pk=job_id, state__in=OPEN).first()
    piece = claim(job_id, token) if job else None
    if job is None or piece is None:
        return False
    if is_unclaimed(job_id):
        wake(job_id)
    with ExitStack() as stack:
        with beating(Lease(rows_of(piece))):  # the copy may take minutes
            source = stack.enter_context(local_copy(str(job.cut.source.name)))
        while piece:
            plan = read_plan(job_id)
            if plan is None or not plan.is_ours:  # made by another version of the studio
                give_back(piece, blameless=True)
                return False
            work_on(piece, source, plan)
            if others_wait():
                return True
            piece = claim(job_id, token)
    return False


def is_unclaimed(job_id: int) -> bool:
    """Whether there is a piece that nobody works on."""
    return Piece.objects.filter(OF_OPEN_JOB, job=job_id, state=Piece.State.QUEUED).exists()


def others_wait() -> bool:
    """Whether a helper is to queue again behind others: jobs, or whatever shares our queue."""
    return not settings.TRANSCODE_CLUSTER or Job.objects.filter(state=Job.State.QUEUED).exists()
