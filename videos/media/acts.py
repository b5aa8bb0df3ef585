"""What may be asked of the work on a cut: try again, cancel, be next or later, a second set."""

from django.db import transaction
from django.utils.timezone import now

from videos.media.ending import has_full_set
from videos.media.models import Cut, Job
from videos.media.reservations import work_bytes
from videos.media.tasks import enqueue

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
MAY_RETRY = (Cut.State.FAILED, Cut.State.CANCELLED, Cut.State.REFUSED)


def retry(cut: Cut) -> bool:
    """Make a cut that ended without a set again, from the start. False if someone was first.

    A refused one may be tried, too: a later studio may understand what this one did not.
    """
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
        cut.save(update_fields=["state", "reason"])
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
