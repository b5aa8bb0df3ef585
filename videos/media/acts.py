"""What may be asked of the work on a cut: try again, cancel, be next or later, a second set."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from videos.media.ending import has_full_set
from videos.media.failures import FILES_OWN
from videos.media.models import Cut, Job
from videos.media.reservations import work_bytes
from videos.media.tasks import enqueue
from videos.planning.models import Video

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
MAY_RETRY = (Cut.State.FAILED, Cut.State.CANCELLED)


def may_help(cut: Cut, last: Job | None) -> bool:
    """Whether a cut may be tried again with another outcome; `last` is its newest full job.

    Not where the file itself was at fault: another one has to be uploaded.
    """
    if cut.state not in MAY_RETRY or not cut.source:
        return False
    return last is None or last.state != Job.State.FAILED or last.failure not in FILES_OWN


def last_full_job(cut: Cut) -> Job | None:
    """The newest job that was to make a cut ready."""
    return cut.jobs.filter(kind="full").order_by("-pk").first()


def retry(cut: Cut) -> bool:
    """Make a cut again that ended without a set. False if it cannot help, or someone was first."""
    fresh = Cut.objects.filter(pk=cut.pk).first()
    return bool(fresh and may_help(fresh, last_full_job(fresh)) and make_again(fresh))


def make_again(cut: Cut) -> bool:
    """Make a cut that ended without a set again, from the start. False if someone was first."""
    with transaction.atomic():
        ended = Cut.objects.filter(pk=cut.pk, state__in=MAY_RETRY).exclude(source="")
        if not ended.update(state=Cut.State.WAITING, reason=""):
            return False
        enqueue(Job.objects.create(cut=cut, reserved_bytes=work_bytes(cut.source_bytes)))
    return True


def cancel(cut: Cut) -> bool:
    """End the open work on a cut: a worker notices within seconds. False if there is none.

    What it shows already, it goes on showing.
    """
    with transaction.atomic():
        cut = Cut.objects.select_for_update().get(pk=cut.pk)
        if not Job.objects.filter(cut=cut, state__in=OPEN).update(
            state=Job.State.CANCELLED, ended_at=now(), lease_until=None
        ):
            return False
        cut.state = Cut.State.READY if has_full_set(cut) else Cut.State.CANCELLED
        cut.reason = ""
        if cut.current_set and has_full_set(cut):  # a choice of sound that came to nothing
            cut.sound_track = cut.current_set.sound_track
        cut.save(update_fields=["state", "reason", "sound_track"])
    return True


def prioritise(cut: Cut, priority: int) -> bool:
    """Have a waiting cut made next, in turn, or later. False if it does not wait any more."""
    waiting = Job.objects.filter(cut=cut, state=Job.State.QUEUED)
    return bool(waiting.update(priority=Job.Priority(priority)))


def ask_for_av1(cut: Cut) -> bool:
    """Have a second set made, after everything else. False if there is one, or it was tried."""
    with transaction.atomic():
        cut = Cut.objects.select_for_update().get(pk=cut.pk)
        if cut.state != Cut.State.READY or not has_full_set(cut) or cut.second_set_id:
            return False
        assert cut.current_set
        if Job.objects.filter(cut=cut, kind="av1", queued_at__gte=cut.current_set.created_at):
            return False
        enqueue(Job.objects.create(cut=cut, kind="av1", priority=Job.Priority.LATER))
    return True


def begin(cut: Cut, kind: str) -> bool:
    """Have work of a kind done on a cut, beside its renditions.

    False if it is under way, or the cut was removed.
    """
    try:
        with transaction.atomic():
            # The video first, as everyone does: who removes a cut ends its jobs under this lock.
            Video.objects.select_for_update().get(pk=cut.video_id)
            if not Cut.objects.filter(pk=cut.pk).exists():
                return False
            enqueue(Job.objects.create(cut=cut, kind=kind))
    except IntegrityError:
        return False
    return True


def under_way(cut: Cut, kind: str) -> Job | None:
    """The open job of a kind on a cut, if any."""
    return cut.jobs.filter(kind=kind, state__in=OPEN).first()
