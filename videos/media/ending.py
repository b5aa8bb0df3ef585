"""How the work on a job ends: its set is shown, it fails, or it waits for another try."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.timezone import now

from videos.media.caption_tracks import remembered
from videos.media.errors import LeaseLost
from videos.media.failures import AGAIN, WAITS, Failure, is_over, pause, worn_out
from videos.media.leases import Lease
from videos.media.models import Cut, Job, RenditionSet
from videos.media.pipeline import Made
from videos.media.sets import key_of, record, replace
from videos.media.signals import cut_failed, cut_ready, send
from videos.media.telling import tell_later
from videos.planning.models import Stage, Video
from videos.planning.stages import move

log = logging.getLogger(__name__)

TO_REVIEW = (Stage.SHOT, Stage.EDITING, Stage.APPROVED)
FREE = {"token": None, "lease_until": None}


@dataclass(frozen=True)
class Held:
    """A job that this process holds by `token`, with its cut."""

    job: Job
    cut: Cut
    token: UUID
    lease: Lease

    @property
    def rows(self) -> QuerySet[Job]:
        """The job's row, as long as it is ours."""
        return rows_of(self.job.pk, self.token)

    def key(self, kind: str) -> UUID:
        """The key of the set of a kind that this attempt makes, and its folder's name."""
        return key_of(self.token, kind)


def rows_of(job_id: int, token: UUID | None) -> QuerySet[Job]:
    """A running job's row, as long as `token` holds it."""
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING, token=token)


def finish(held: Held, key: UUID, made: Made, *, kind: str = RenditionSet.Kind.FULL) -> None:
    """Show a finished set: one pointer changes, with the cut, its job and the video's stage.

    A first set leaves its job running, and its cut being made ready. Raises LeaseLost; then
    nothing has changed.
    """
    held.lease.patiently(partial(show, held, key, made, kind))
    log.info("cut %s has its %s set: %s bytes", held.cut.pk, kind, made.bytes)


def show(held: Held, key: UUID, made: Made, kind: str) -> None:
    """One try at `finish`."""
    if RenditionSet.objects.filter(key=key).exists():
        # A try before this one did it, and its answer was lost with the connection.
        if kind == RenditionSet.Kind.FULL:
            send(cut_ready, held.cut)
        return
    ends = kind != RenditionSet.Kind.FIRST
    with transaction.atomic():
        # The video first, as everyone does, so that nobody waits in a circle.
        video = Video.objects.select_for_update().get(pk=held.cut.video_id)
        if not held.rows.update(**(ended_ready(held, made) if ends else {"reason": ""})):
            raise LeaseLost
        replace(held.cut.pk, record(held.cut, key, made, kind))
        if kind != RenditionSet.Kind.AV1:
            state = Cut.State.READY if ends else Cut.State.WORKING
            cut = Cut.objects.select_for_update().get(pk=held.cut.pk)
            facts = remembered(made.facts.as_values(), cut.facts)
            Cut.objects.filter(pk=cut.pk).update(state=state, reason="", facts=facts)
            if video.stage in TO_REVIEW:
                move(video.pk, Stage.REVIEW, room="media", by=held.cut.uploaded_by)
        held.cut.refresh_from_db()
        if kind == RenditionSet.Kind.FULL:
            transaction.on_commit(partial(send, cut_ready, held.cut))
        if ends:
            tell_later(held.job)


def ended_ready(held: Held, made: Made) -> dict[str, object]:
    """What a job's row says when all is done; its speed is that of the whole work now."""
    moment = now()
    took = (moment - (held.job.started_at or moment)).total_seconds()
    return {
        "state": Job.State.READY,
        "progress": 1,
        "speed": made.seconds / max(took, 0.001),
        "ended_at": moment,
        "lease_until": None,
    }


def fail(rows: QuerySet[Job], job: Job, failure: Failure) -> bool:
    """End a job with a reason for a producer; False if it was not ours. The source stays.

    A cut that has a full set already keeps it, and stays ready. Of a removed one nothing changes.
    """
    with transaction.atomic():
        if not rows.update(
            state=Job.State.FAILED,
            reason=failure.reason,
            failure=failure.code,
            ended_at=now(),
            lease_until=None,
        ):
            return False
        cut = Cut.everything.select_related("video", "current_set").get(pk=job.cut_id)
        if job.kind == "full" and not cut.removed_at:
            mark_failed(cut, failure)
        tell_later(job)
    log.warning("job %s of cut %s failed (%s): %s", job.pk, cut.pk, failure.code, failure.reason)
    return True


def mark_failed(cut: Cut, failure: Failure) -> None:
    """Within a transaction: what a cut says when the work on its renditions failed."""
    if cut.current_set and has_full_set(cut):
        cut.sound_track = cut.current_set.sound_track  # a choice that came to nothing
        cut.save(update_fields=["sound_track"])
        return
    cut.state, cut.reason = ended_badly(cut, failure), failure.reason
    cut.save(update_fields=["state", "reason"])
    transaction.on_commit(partial(send, cut_failed, cut))


def ended_badly(cut: Cut, failure: Failure) -> Cut.State:
    """Failed; or refused, where it is the file that cannot become a cut and never was one."""
    refused = failure.is_refusal and cut.number is None
    return Cut.State.REFUSED if refused else Cut.State.FAILED


def has_full_set(cut: Cut) -> bool:
    """Whether the cut shows all that it is to show."""
    return cut.current_set is not None and cut.current_set.kind == RenditionSet.Kind.FULL


def stumble(held: Held, failure: Failure, again: Callable[[Job], None]) -> None:
    """After a failed attempt: fail, or have `again` send the job once more. Raises LeaseLost."""
    job = held.job
    if is_over(
        failure, attempts=job.attempts, waits=job.waits, most_attempts=settings.MAX_ATTEMPTS
    ):
        if failure.code in AGAIN:
            failure = failure._replace(reason=worn_out(job.attempts))
        held.lease.patiently(partial(fail, held.rows, job, failure))
        return
    later: dict[str, object] = {"failure": failure.code, "reason": failure.reason}
    if failure.code in WAITS:
        seconds = pause(job.waits, settings.JOB_LEASE_SECONDS / 4)
        # The attempt was not the job's fault, and costs it nothing.
        later |= {
            "not_before": now() + timedelta(seconds=seconds),
            "waits": F("waits") + 1,
            "attempts": F("attempts") - 1,
        }
        log.warning("job %s waits %d s: %s", job.pk, seconds, failure.code)
    let_go(held, again, later)


def let_go(held: Held, again: Callable[[Job], None], more: dict[str, object]) -> None:
    """Put a job back into the queue, so that any worker may take it."""

    def act() -> None:
        with transaction.atomic():
            if held.rows.update(state=Job.State.QUEUED, speed=None, **FREE, **more):
                working = Cut.objects.filter(pk=held.cut.pk, state=Cut.State.WORKING)
                working.update(state=Cut.State.WAITING)
                again(held.job)

    held.lease.patiently(act)
