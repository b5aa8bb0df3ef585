"""Writes, withdraws and declines estimates; `ledger.py` greenlights them."""

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
    """One item of an estimate: an amount in minor units, to be paid from a line."""

    line: Line
    minor: int
    note: str = ""


def save_estimate(
    video_id: int,
    items: Sequence[ItemData],
    *,
    by: User,
    note: str = "",
    request: bool = True,
    at: dt.datetime | None = None,
    check: Callable[[], None] | None = None,
) -> Estimate:
    """Create the video's undecided estimate, or replace the items of its draft.

    With `request`, request its greenlight as of `at` (default: now); otherwise it is a draft.
    `check` is called once the video is locked, and may raise. Raises EstimateNotWaiting (one waits
    already), WrongStage, NotSalesBudget, PeriodClosed and AmountRefused.
    """
    if not items:
        raise errors.AmountRefused(_("Enter at least one amount."), "amount")
    with transaction.atomic():
        video = lock_video(video_id)
        estimate = undecided(video) or Estimate(video=video)
        check_may_write(video, estimate)
        if check:
            check()
        for item in items:
            check_item(item)
        estimate.requested_by, estimate.note = by, note
        if request:
            estimate.state, estimate.requested_at = State.REQUESTED, at or timezone.now()
        estimate.save()
        EstimateWriter.objects.get_or_create(estimate=estimate, user=by)
        estimate.items.all().delete()
        for item in items:
            EstimateItem.objects.create(
                estimate=estimate, line=item.line, minor=item.minor, note=item.note
            )
    return estimate


def check_may_write(video: Video, estimate: Estimate | None) -> None:
    """Raise WrongStage, or EstimateNotWaiting if `estimate` waits already.

    Ideas may be estimated, because the cost helps to plan them.
    """
    if video.stage in set(STAGES_WITHOUT_GREENLIGHT) - {Stage.IDEA}:
        raise errors.WrongStage(video)
    if estimate and estimate.state != State.DRAFT:
        raise errors.EstimateNotWaiting(estimate)


def check_item(item: ItemData) -> None:
    """Raise AmountRefused, NotSalesBudget or PeriodClosed if the item is not allowed."""
    check_amount(item.minor)
    check_pays_production(item.line)
    if item.line.period.is_closed:
        raise errors.PeriodClosed(item.line.period)


def undecided(video: Video) -> Estimate | None:
    """Return the video's estimate that is neither greenlit nor declined, if any."""
    return video.estimates.filter(state__in=Estimate.UNDECIDED).first()


def withdraw(estimate_id: int, *, by: User) -> Estimate:
    """Turn a waiting estimate back into a draft. Raises EstimateNotWaiting."""
    with transaction.atomic():
        estimate = lock(estimate_id)
        if estimate.state != State.REQUESTED:
            raise errors.EstimateNotWaiting(estimate)
        estimate.state, estimate.requested_at = State.DRAFT, None
        estimate.save(update_fields=["state", "requested_at"])
    return estimate


def decline(estimate_id: int, *, by: User | None, reason: str) -> Estimate:
    """Decline an undecided estimate. `by` is None if the studio does it.

    Raises ReasonMissing and EstimateNotWaiting.
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
    """Return the estimate, after locking its video until the end of the transaction."""
    lock_video(Estimate.objects.values_list("video", flat=True).get(pk=estimate_id))
    return Estimate.objects.select_related("video").get(pk=estimate_id)
