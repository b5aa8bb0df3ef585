"""Booking, changing and cancelling shoots without double bookings.

Every function that writes a shoot first locks its videos, then the shoot, the experts and the
resources, each in the order of their keys, so that concurrent bookings cannot deadlock.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log

from studio.people.models import User
from videos.planning import errors, guards
from videos.planning.models import Expert, Resource, Shoot, Stage, Video
from videos.planning.overlap import Booking, Span, find_conflict
from videos.planning.stages import change_stage

Row = TypeVar("Row", bound=models.Model)

BOOKABLE = (Stage.GREENLIT, Stage.SCHEDULED)


@dataclass(frozen=True)
class ShootRequest:
    """The videos, experts, resources and time that somebody asks for."""

    videos: Collection[Video]
    experts: Collection[Expert]
    resources: Collection[Resource]
    span: Span


def book(
    *,
    videos: Collection[Video],
    experts: Collection[Expert],
    resources: Collection[Resource] = (),
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    note: str = "",
) -> Shoot:
    """Book a shoot, which schedules its greenlit videos. Raises a ShootRefused."""
    span = Span.of(starts_at, ends_at)
    request = ShootRequest(videos, experts, resources, span)
    with transaction.atomic():
        locked = _locked(Video, {video.pk for video in videos})
        _lock_and_check(request, locked, shoot=None)
        shoot = Shoot.objects.create(
            starts_at=span.start, ends_at=span.end, note=note, booked_by=by
        )
        _set_participants(shoot, request)
        _sync_stages(locked, by)
        log(shoot, "planning.shoot.book", user=by)
    return shoot


def change(
    shoot_id: int,
    *,
    videos: Collection[Video],
    experts: Collection[Expert],
    resources: Collection[Resource] = (),
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: User,
    note: str = "",
    check: Callable[[], None] | None = None,
) -> Shoot:
    """Change the time, the people or the videos of a shoot that has not started.

    Removed videos without another shoot go back to greenlit. `check` may refuse once the shoot is
    locked. Raises a ShootRefused.
    """
    span = Span.of(starts_at, ends_at)
    request = ShootRequest(videos, experts, resources, span)
    with transaction.atomic():
        shoot, locked = _locked_shoot(shoot_id, {video.pk for video in videos})
        if shoot.starts_at <= timezone.now():
            raise errors.ShootIsOver(shoot)
        if check:
            check()
        kept = {video.pk for video in videos}
        _lock_and_check(request, [video for video in locked if video.pk in kept], shoot)
        shoot.starts_at, shoot.ends_at, shoot.note = span.start, span.end, note
        shoot.save(update_fields=["starts_at", "ends_at", "note"])
        _set_participants(shoot, request)
        _sync_stages(locked, by)
        log(shoot, "planning.shoot.change", user=by)
    return shoot


def cancel(shoot_id: int, *, by: User) -> Shoot:
    """Cancel a shoot. Videos without another shoot go back to greenlit.

    A past shoot can be cancelled if nothing was filmed. Raises a ShootRefused.
    """
    with transaction.atomic():
        shoot, locked = _locked_shoot(shoot_id, set())
        filmed = any(video.stage not in (*BOOKABLE, Stage.CANCELLED) for video in locked)
        if filmed and shoot.starts_at <= timezone.now():
            raise errors.ShootIsOver(shoot)
        _mark_cancelled(shoot, by)
        _sync_stages(locked, by)
    return shoot


def remove_from_coming_shoots(video: Video, by: User | None) -> None:
    """Remove a cancelled video, which is locked, from its upcoming shoots.

    A shoot without other videos is cancelled, by the producer if nobody else acts.
    """
    coming = video.shoots.filter(cancelled_at__isnull=True, starts_at__gt=timezone.now())
    for shoot in coming.select_for_update().order_by("pk"):
        someone = by or video.producer or shoot.booked_by
        if shoot.videos.exclude(pk=video.pk).exists():
            shoot.videos.remove(video)
            log(shoot, "planning.shoot.change", user=someone)
        else:
            _mark_cancelled(shoot, someone)


def booked_shoots(video: Video) -> "models.QuerySet[Shoot]":
    """The video's shoots that are not cancelled, by time."""
    return video.shoots.filter(cancelled_at__isnull=True)


def _locked(model: type[Row], keys: Iterable[int]) -> list[Row]:
    rows = model._default_manager.select_for_update().filter(pk__in=keys).order_by("pk")
    return list(rows)


def _locked_shoot(shoot_id: int, more_videos: set[int]) -> tuple[Shoot, list[Video]]:
    """A booked shoot, and its videos plus `more_videos`, all locked."""
    keys = _videos_of(shoot_id)
    locked = _locked(Video, keys | more_videos)
    shoot = Shoot.objects.select_for_update().get(pk=shoot_id)
    if _videos_of(shoot_id) != keys:
        raise errors.ShootChangedMeanwhile(shoot)
    if shoot.cancelled_at:
        raise errors.ShootIsCancelled(shoot)
    return shoot, locked


def _videos_of(shoot_id: int) -> set[int]:
    return set(Video.objects.filter(shoots=shoot_id).values_list("pk", flat=True))


def _lock_and_check(request: ShootRequest, videos: list[Video], shoot: Shoot | None) -> None:
    """Lock the requested experts and resources, and raise what is in the way."""
    if not (request.videos and request.experts):
        raise errors.EmptyShoot
    if request.span.end <= request.span.start:
        raise errors.ShootWithoutTime
    if request.span.start < timezone.now():
        raise errors.ShootInThePast
    for video in videos:
        if video.stage not in BOOKABLE:
            raise errors.VideoNotGreenlit(video)
    experts = {row.pk: row for row in _locked(Expert, {row.pk for row in request.experts})}
    resources = {row.pk: row for row in _locked(Resource, {row.pk for row in request.resources})}
    wanted = Booking(
        shoot.pk if shoot else 0, request.span, frozenset(experts), frozenset(resources)
    )
    if conflict := find_conflict(wanted, _bookings_around(request.span)):
        other = Shoot.objects.get(pk=conflict.shoot)
        if conflict.experts:
            raise errors.ExpertBooked(experts[min(conflict.experts)], other)
        raise errors.ResourceBooked(resources[min(conflict.resources)], other)


def _bookings_around(span: Span) -> list[Booking]:
    """The bookings near a span, by time."""
    near = (
        Shoot.objects.filter(
            cancelled_at__isnull=True, starts_at__lte=span.end, ends_at__gte=span.start
        )
        .prefetch_related("experts", "resources")
        .order_by("starts_at", "pk")
    )
    return [
        Booking(
            shoot.pk,
            Span.of(shoot.starts_at, shoot.ends_at),
            frozenset(expert.pk for expert in shoot.experts.all()),
            frozenset(resource.pk for resource in shoot.resources.all()),
        )
        for shoot in near
    ]


def _set_participants(shoot: Shoot, request: ShootRequest) -> None:
    shoot.videos.set(request.videos)
    shoot.experts.set(request.experts)
    shoot.resources.set(request.resources)


def _mark_cancelled(shoot: Shoot, by: User) -> None:
    shoot.cancelled_at, shoot.cancelled_by = timezone.now(), by
    shoot.save(update_fields=["cancelled_at", "cancelled_by"])
    log(shoot, "planning.shoot.cancel", user=by)


def _sync_stages(videos: Iterable[Video], by: User) -> None:
    """Schedule videos that have a shoot, and unschedule those that have none."""
    here: dict[str, Any] = {"room": "planning", "by": by}
    for video in videos:
        booked = booked_shoots(video).count()
        if booked and video.stage == Stage.GREENLIT:
            change_stage(video.pk, Stage.SCHEDULED, guard=has_a_shoot, **here)
        elif not booked and video.stage == Stage.SCHEDULED:
            change_stage(video.pk, Stage.GREENLIT, guard=has_no_shoot, **here)


def has_a_shoot(video: Video) -> str | None:
    """The guard of greenlit → scheduled."""
    return guards.schedule(booked=booked_shoots(video).count())


def has_no_shoot(video: Video) -> str | None:
    """The guard of scheduled → greenlit."""
    return guards.unschedule(booked=booked_shoots(video).count())
