"""An estimate's way to a decision: drafted, asked for, withdrawn, declined."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from budgets import errors
from budgets.ledger import (
    STAGES_WITHOUT_GREENLIGHT,
    check_amount,
    check_pays_production,
    lock_video,
)
from budgets.models import Estimate, EstimateItem, EstimateWriter, Line
from studio.people.models import User
from videos.planning.models import Stage, Video

State = Estimate.State


class ItemData(NamedTuple):
    """One item of an estimate: minor units asked of a line."""

    line: Line
    minor: int
    note: str = ""


def save_estimate(
    video_id: int,
    asks: Sequence[ItemData],
    *,
    by: User,
    note: str = "",
    ask: bool = True,
    at: dt.datetime | None = None,
    check: Callable[[], None] | None = None,
) -> Estimate:
    """Writes the video's undecided estimate: a new one, or the draft it has, with these items.

    With `ask` it waits for a greenlight from `at` (default: now) on. `check` may refuse once the
    video is locked. Raises EstimateNotWaiting
    (one waits already), NotTheTime, NotSalesBudget, PeriodClosed, AmountRefused.
    """
    if not asks:
        raise errors.AmountRefused(_("Add at least one amount."), "amount")
    with transaction.atomic():
        video = lock_video(video_id)
        estimate = undecided(video) or Estimate(video=video)
        check_may_write(video, estimate)
        if check:
            check()
        for item in asks:
            check_item(item)
        estimate.requested_by, estimate.note = by, note
        if ask:
            estimate.state, estimate.requested_at = State.REQUESTED, at or timezone.now()
        estimate.save()
        EstimateWriter.objects.get_or_create(estimate=estimate, user=by)
        estimate.items.all().delete()
        for item in asks:
            EstimateItem.objects.create(
                estimate=estimate, line=item.line, minor=item.minor, note=item.note
            )
    return estimate


def check_may_write(video: Video, estimate: Estimate | None) -> None:
    """Raises NotTheTime, or EstimateNotWaiting where one waits already.

    An idea may be estimated: what it costs helps to plan it.
    """
    if video.stage in set(STAGES_WITHOUT_GREENLIGHT) - {Stage.IDEA}:
        raise errors.NotTheTime(video)
    if estimate and estimate.state != State.DRAFT:
        raise errors.EstimateNotWaiting(estimate)


def check_item(item: ItemData) -> None:
    """Raises AmountRefused, NotSalesBudget or PeriodClosed."""
    check_amount(item.minor)
    check_pays_production(item.line)
    if item.line.period.is_closed:
        raise errors.PeriodClosed(item.line.period)


def undecided(video: Video) -> Estimate | None:
    """Returns the video's estimate that is neither greenlit nor declined, if any."""
    return video.estimates.filter(state__in=Estimate.UNDECIDED).first()


def withdraw(estimate_id: int, *, by: User) -> Estimate:
    """Turns a waiting estimate back into a draft. Raises EstimateNotWaiting."""
    with transaction.atomic():
        estimate = lock(estimate_id)
        if estimate.state != State.REQUESTED:
            raise errors.EstimateNotWaiting(estimate)
        estimate.state, estimate.requested_at = State.DRAFT, None
        estimate.save(update_fields=["state", "requested_at"])
    return estimate


def decline(estimate_id: int, *, by: User | None, reason: str) -> Estimate:
    """Declines an undecided estimate, with a reason.

    Raises ReasonMissing, EstimateNotWaiting.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    with transaction.atomic():
        estimate = lock(estimate_id)
        if not estimate.is_undecided:
            raise errors.EstimateNotWaiting(estimate)
        estimate.state, estimate.reason = State.DECLINED, reason.strip()
        estimate.decided_by, estimate.decided_at = by, timezone.now()
        estimate.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    return estimate


def lock(estimate_id: int) -> Estimate:
    """Returns the estimate, with its video locked until the transaction ends."""
    lock_video(Estimate.objects.values_list("video", flat=True).get(pk=estimate_id))
    return Estimate.objects.select_related("video").get(pk=estimate_id)
