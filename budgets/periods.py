"""Closes periods: releases their commitments, after which nothing can be posted to them."""

import contextlib
import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from budgets import errors
from budgets.estimates import decline
from budgets.ledger import committed_by_video, committed_to, lock_video, release
from budgets.log_actions import PERIOD_CLOSED
from budgets.models import Entry, Estimate, EstimateItem, Line, Period
from studio.people.models import User
from videos.planning.models import Video


class StillCommitted(NamedTuple):
    """The unspent commitment of a line to a video, in minor units."""

    line: Line
    video: Video
    minor: int


def still_committed(period: Period) -> list[StillCommitted]:
    """Return the unspent commitments of the period's lines, ordered by video and line."""
    lines = {line.pk: line for line in period.lines.select_related("budget", "period")}
    videos = Video.objects.filter(entries__line__period=period).distinct().order_by("pk")
    committed = committed_by_video([video.pk for video in videos])
    return [
        StillCommitted(lines[line], video, minor)
        for video in videos
        for line, minor in committed.get(video.pk, {}).items()
        if line in lines
    ]


def still_waiting(period: Period) -> QuerySet[Estimate]:
    """Return the undecided estimates with items on the period's lines."""
    return (
        Estimate.objects.filter(state__in=Estimate.UNDECIDED, items__line__period=period)
        .distinct()
        .order_by("pk")
    )


class VideosChanged(Exception):
    """Another video got entries or estimates in the period while its videos were being locked."""


def close(period_id: int, *, by: User, at: dt.datetime | None = None) -> Period:
    """Close a period for good, as of `at` (default: now).

    Commitments of its lines are released and undecided estimates on them declined, since neither
    could be posted afterwards. Raises PeriodClosed if it is closed already.
    """
    while True:
        with contextlib.suppress(VideosChanged), transaction.atomic():
            return try_close(period_id, by=by, at=at or timezone.now())


def try_close(period_id: int, *, by: User, at: dt.datetime) -> Period:
    """Try to close a period. Raises VideosChanged if it has to be rolled back and repeated."""
    # Videos are locked first, as everywhere. Others may post until the period is locked, too.
    videos = [lock_video(pk) for pk in sorted(videos_of(period_id))]
    period = Period.objects.select_for_update(no_key=True).get(pk=period_id)
    if period.is_closed:
        raise errors.PeriodClosed(period)
    if videos_of(period_id) - {video.pk for video in videos}:
        raise VideosChanged
    reason = _("%(period)s was closed.") % {"period": period.code}
    for estimate in still_waiting(period):
        decline(estimate.pk, by=by, reason=reason)
    own = set(period.lines.values_list("pk", flat=True))
    for video in videos:
        if left := own & committed_to(video.pk).keys():
            release(video, by=by, note=reason, lines=left, posted_on=timezone.localdate(at))
    period.closed_at, period.closed_by = at, by
    period.save(update_fields=["closed_at", "closed_by"])
    log(period, PERIOD_CLOSED, user=by)
    return period


def videos_of(period_id: int) -> set[int]:
    """Return the primary keys of videos with entries or undecided estimates in the period."""
    entries = Entry.objects.filter(line__period=period_id, video__isnull=False)
    items = EstimateItem.objects.undecided().filter(line__period=period_id)
    return set(entries.values_list("video", flat=True)) | set(
        items.values_list("estimate__video", flat=True)
    )
