"""The outcome of a job: its rendition set is shown, it fails, or it is retried."""

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

from videos.media.captions.source_tracks import remembered
from videos.media.errors import LeaseLost
from videos.media.jobs.leases import Lease
from videos.media.jobs.notifications import notify_on_commit
from videos.media.models import Cut, Job, RenditionSet
from videos.media.renditions.sets import key_of, record, replace
from videos.media.signals import cut_failed, cut_ready, send
from videos.media.transcoding.failures import (
    MAX_DEFERRALS,
    RETRIED_AT_ONCE,
    Failure,
    attempts_exhausted,
    is_over,
    pause,
)
from videos.media.transcoding.pipeline import TranscodeResult
from videos.planning.models import Stage, Video
from videos.planning.stages import change_stage

log = logging.getLogger(__name__)

TO_REVIEW = (Stage.SHOT, Stage.EDITING, Stage.APPROVED)
FREE = {"token": None, "lease_until": None}


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker has claimed with `token`, and its cut."""

    job: Job
    cut: Cut
    token: UUID
    lease: Lease

    @property
    def rows(self) -> QuerySet[Job]:
        """The row of the job, while our token holds it."""
        return rows_of(self.job.pk, self.token)

    def key(self, kind: str) -> UUID:
        """The key and folder name of the rendition set that this attempt makes."""
        return key_of(self.token, kind)


def rows_of(job_id: int, token: UUID | None) -> QuerySet[Job]:
    """The row of a running job, while `token` holds it."""
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING, token=token)


def finish(
    claimed: ClaimedJob, key: UUID, made: TranscodeResult, *, kind: str = RenditionSet.Kind.FULL
) -> None:
    """Show a finished rendition set, and close the job and move the video's stage with it.

    A first set leaves the job running and the cut in progress. Raises LeaseLost if the job is no
    longer ours; then nothing has changed.
    """
    claimed.lease.retry_while_database_is_away(partial(save_set, claimed, key, made, kind))
    log.info("cut %s has its %s set: %s bytes", claimed.cut.pk, kind, made.bytes)


def save_set(claimed: ClaimedJob, key: UUID, made: TranscodeResult, kind: str) -> None:
    """Save the set and close the job atomically. Raises LeaseLost."""
    if RenditionSet.objects.filter(key=key).exists():
        # An earlier attempt succeeded before the connection was lost
        if kind == RenditionSet.Kind.FULL:
            send(cut_ready, claimed.cut)
        return
    ends = kind != RenditionSet.Kind.FIRST
    with transaction.atomic():
        # Everybody locks the video first, which avoids deadlocks
        video = Video.objects.select_for_update().get(pk=claimed.cut.video_id)
        if not claimed.rows.update(**(finished_fields(claimed, made) if ends else {"reason": ""})):
            raise LeaseLost
        replace(claimed.cut.pk, record(claimed.cut, key, made, kind))
        if kind != RenditionSet.Kind.AV1:
            state = Cut.State.READY if ends else Cut.State.WORKING
            cut = Cut.objects.select_for_update().get(pk=claimed.cut.pk)
            info = remembered(made.info.as_values(), cut.source_info)
            Cut.objects.filter(pk=cut.pk).update(state=state, reason="", source_info=info)
            if video.stage in TO_REVIEW:
                change_stage(video.pk, Stage.REVIEW, room="media", by=claimed.cut.uploaded_by)
        claimed.cut.refresh_from_db()
        if kind == RenditionSet.Kind.FULL:
            transaction.on_commit(partial(send, cut_ready, claimed.cut))
        if ends:
            notify_on_commit(claimed.job)


def finished_fields(claimed: ClaimedJob, made: TranscodeResult) -> dict[str, object]:
    """The fields of a finished job. `speed` is that of the whole job."""
    moment = now()
    took = (moment - (claimed.job.started_at or moment)).total_seconds()
    return {
        "state": Job.State.READY,
        "progress": 1,
        "speed": made.seconds / max(took, 0.001),
        "ended_at": moment,
        "lease_until": None,
    }


def fail(rows: QuerySet[Job], job: Job, failure: Failure) -> bool:
    """Fail a job with a reason for the producer; returns False if another worker holds it.

    The source is kept. A cut with a full set stays ready. A removed cut does not change.
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
        if job.kind == Job.Kind.FULL and not cut.removed_at:
            mark_failed(cut, failure)
        notify_on_commit(job)
    log.warning("job %s of cut %s failed (%s): %s", job.pk, cut.pk, failure.code, failure.reason)
    return True


def mark_failed(cut: Cut, failure: Failure) -> None:
    """Mark a cut as failed, unless it has a full set. Call it in a transaction."""
    if cut.current_set and has_full_set(cut):
        cut.audio_track = cut.current_set.audio_track  # undo the choice of a track that failed
        cut.save(update_fields=["audio_track"])
        return
    cut.state, cut.reason = failed_state(cut, failure), failure.reason
    cut.save(update_fields=["state", "reason"])
    transaction.on_commit(partial(send, cut_failed, cut))


def failed_state(cut: Cut, failure: Failure) -> Cut.State:
    """FAILED, or REFUSED if the file was refused before the cut had a number."""
    refused = failure.is_refusal and cut.number is None
    return Cut.State.REFUSED if refused else Cut.State.FAILED


def has_full_set(cut: Cut) -> bool:
    """Whether the cut shows its full set of renditions."""
    return cut.current_set is not None and cut.current_set.kind == RenditionSet.Kind.FULL


def retry_or_fail(claimed: ClaimedJob, failure: Failure, again: Callable[[Job], None]) -> None:
    """After a failed attempt, requeue the job with `again`, or fail it. Raises LeaseLost."""
    job = claimed.job
    if is_over(
        failure, attempts=job.attempts, deferrals=job.deferrals, most_attempts=settings.MAX_ATTEMPTS
    ):
        if failure.code in RETRIED_AT_ONCE:
            failure = failure._replace(reason=attempts_exhausted(job.attempts))
        claimed.lease.retry_while_database_is_away(partial(fail, claimed.rows, job, failure))
        return
    later: dict[str, object] = {"failure": failure.code, "reason": failure.reason}
    if failure.code in MAX_DEFERRALS:
        seconds = pause(job.deferrals, settings.JOB_LEASE_SECONDS / 4)
        # The job is not at fault, so the attempt does not count
        later |= {
            "not_before": now() + timedelta(seconds=seconds),
            "deferrals": F("deferrals") + 1,
            "attempts": F("attempts") - 1,
        }
        log.warning("job %s is deferred for %d s: %s", job.pk, seconds, failure.code)
    requeue(claimed, again, later)


def requeue(claimed: ClaimedJob, again: Callable[[Job], None], more: dict[str, object]) -> None:
    """Put a job back into the queue. `more` are further fields to save."""

    def act() -> None:
        with transaction.atomic():
            if claimed.rows.update(state=Job.State.QUEUED, speed=None, **FREE, **more):
                working = Cut.objects.filter(pk=claimed.cut.pk, state=Cut.State.WORKING)
                working.update(state=Cut.State.WAITING)
                again(claimed.job)

    claimed.lease.retry_while_database_is_away(act)
