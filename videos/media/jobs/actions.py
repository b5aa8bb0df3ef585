"""What people can do with the jobs of a cut: retry, cancel, prioritise, request AV1."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from videos.media.jobs.outcome import has_full_set
from videos.media.jobs.tasks import enqueue
from videos.media.models import Cut, Job
from videos.media.storage.quota import work_bytes
from videos.media.transcoding.failures import FILES_OWN
from videos.planning.models import Video

MAY_RETRY = (Cut.State.FAILED, Cut.State.CANCELLED)


def can_retry(cut: Cut, last: Job | None) -> bool:
    """Whether a retry of a cut can succeed; `last` is its newest full job.

    It cannot if the file itself is at fault.
    """
    if cut.state not in MAY_RETRY or not cut.source:
        return False
    return last is None or last.state != Job.State.FAILED or last.failure not in FILES_OWN


def last_full_job(cut: Cut) -> Job | None:
    """The newest full job of a cut."""
    return cut.jobs.filter(kind=Job.Kind.FULL).order_by("-pk").first()


def retry(cut: Cut) -> bool:
    """Retry a failed or cancelled cut; returns False if that cannot help or was done already."""
    fresh = Cut.objects.filter(pk=cut.pk).first()
    return bool(fresh and can_retry(fresh, last_full_job(fresh)) and restart(fresh))


def restart(cut: Cut) -> bool:
    """Start a failed or cancelled cut again; returns False if somebody else did already."""
    with transaction.atomic():
        ended = Cut.objects.filter(pk=cut.pk, state__in=MAY_RETRY).exclude(source="")
        if not ended.update(state=Cut.State.WAITING, reason=""):
            return False
        enqueue(Job.objects.create(cut=cut, reserved_bytes=work_bytes(cut.source_bytes)))
    return True


def cancel(cut: Cut) -> bool:
    """Cancel the open jobs of a cut; returns False if there are none.

    A worker notices within seconds. A set that is shown stays.
    """
    with transaction.atomic():
        cut = Cut.objects.select_for_update().get(pk=cut.pk)
        if not Job.objects.filter(cut=cut, state__in=Job.OPEN).update(
            state=Job.State.CANCELLED, ended_at=now(), lease_until=None
        ):
            return False
        cut.state = Cut.State.READY if has_full_set(cut) else Cut.State.CANCELLED
        cut.reason = ""
        if cut.current_set and has_full_set(cut):  # undo the choice of a track
            cut.audio_track = cut.current_set.audio_track
        cut.save(update_fields=["state", "reason", "audio_track"])
    return True


def prioritise(cut: Cut, priority: int) -> bool:
    """Set the priority of a waiting cut; returns False if it is no longer waiting."""
    waiting = Job.objects.filter(cut=cut, state=Job.State.QUEUED)
    return bool(waiting.update(priority=Job.Priority(priority)))


def request_av1(cut: Cut) -> bool:
    """Queue an AV1 set at low priority; returns False if there is one or it was tried."""
    with transaction.atomic():
        cut = Cut.objects.select_for_update().get(pk=cut.pk)
        if cut.state != Cut.State.READY or not has_full_set(cut) or cut.second_set_id:
            return False
        assert cut.current_set
        if Job.objects.filter(
            cut=cut, kind=Job.Kind.AV1, queued_at__gte=cut.current_set.created_at
        ):
            return False
        enqueue(Job.objects.create(cut=cut, kind=Job.Kind.AV1, priority=Job.Priority.LATER))
    return True


def begin(cut: Cut, kind: str) -> bool:
    """Queue a job of a kind; returns False if one is open, or the cut was removed."""
    try:
        with transaction.atomic():
            # The lock under which a cut is removed and its jobs are cancelled
            Video.objects.select_for_update().get(pk=cut.video_id)
            if not Cut.objects.filter(pk=cut.pk).exists():
                return False
            enqueue(Job.objects.create(cut=cut, kind=kind))
    except IntegrityError:
        return False
    return True


def open_job(cut: Cut, kind: str) -> Job | None:
    """The open job of a kind on a cut, or None."""
    return cut.jobs.filter(kind=kind, state__in=Job.OPEN).first()
