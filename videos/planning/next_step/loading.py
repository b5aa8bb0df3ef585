"""Loads the states of many videos with a fixed number of queries.

Planning loads its own part. Other apps register a loader for theirs, and a condition for public
videos that need attention.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Prefetch, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from studio.people.models import User
from studio.people.roles import Role
from videos.planning import guards
from videos.planning.errors import shoot_time
from videos.planning.models import Expert, Shoot, Stage, StageTransition, Video
from videos.planning.next_step.actions import NextStep, Person, UserAccess
from videos.planning.next_step.progress import ACTIVE_STAGES
from videos.planning.next_step.rules import next_step
from videos.planning.next_step.states import ShootState, VideoState
from videos.planning.urls_for import shoot_url, video_url

Videos = Collection[Video]
StateLoader = Callable[[Videos], Mapping[int, Any]]
PermissionSource = Callable[[User], Iterable[str]]

_loaders: dict[str, StateLoader] = {}
_pending_conditions: list[Callable[[], Q]] = []
_permission_sources: list[PermissionSource] = []


def register_state_loader(name: str, loader: StateLoader) -> None:
    """Register a loader: `loader(videos)` returns one part of the states by video key.

    The number of its queries must not depend on the number of videos. Call it from `apps.ready`.
    """
    _loaders[name] = loader


def register_pending_condition(condition: Callable[[], Q]) -> None:
    """Register a condition for published or retired videos that need attention."""
    if condition not in _pending_conditions:
        _pending_conditions.append(condition)


def register_permissions(permissions: PermissionSource) -> None:
    """Register permissions of users that are not model permissions (`PUBLISH_PERMISSION`)."""
    if permissions not in _permission_sources:
        _permission_sources.append(permissions)


def person_of(user: User) -> Person:
    """A user as a Person."""
    return Person(user.pk, str(user))


def access_of(user: User | AnonymousUser) -> UserAccess:
    """The current user with all permissions."""
    if not isinstance(user, User):
        return UserAccess(None, frozenset())
    more = [power for permissions in _permission_sources for power in permissions(user)]
    return UserAccess(user.pk, frozenset({*user.get_all_permissions(), *more}))


def pending_videos() -> "QuerySet[Video]":
    """Videos that are waiting for something: those in progress, and some public ones."""
    return Video.objects.filter(pending_condition())


def pending_condition() -> Q:
    """The condition of `pending_videos`."""
    condition = Q(stage__in=ACTIVE_STAGES)
    for again in _pending_conditions:
        condition |= again()
    return condition


def next_step_of(video: Video) -> NextStep:
    """The next step of one video."""
    return next_steps([video])[video.pk]


def next_step_text(video: Video) -> str:
    """The next step of a video as text, for mails.

    The video is read again, because the given object may be out of date.
    """
    return next_step_of(Video.objects.get(pk=video.pk)).sentence


def next_steps(videos: Iterable[Video]) -> dict[int, NextStep]:
    """The next step of each video, by key."""
    return {pk: next_step(state) for pk, state in load_states(list(videos)).items()}


def load_states(videos: Videos) -> dict[int, VideoState]:
    """The state of each video, by key."""
    if not videos:
        return {}
    prefetch_related_objects(list(videos), "producer", prefetch_experts())
    now = timezone.now()
    producing = producers_among({video.producer_id for video in videos if video.producer_id})
    told = {name: loader(videos) for name, loader in _loaders.items()}
    because, bookings = cancellation_reasons(videos), shoot_states(videos, now)
    return {
        video.pk: VideoState(
            stage=Stage(video.stage),
            now=now,
            imported=video.imported,
            producer=person_of(video.producer)
            if video.producer and video.producer.pk in producing
            else None,
            experts=tuple(person_of(expert.user) for expert in video.experts.all()),
            missing=missing(video),
            because=because.get(video.pk, ""),
            links=action_urls(video),
            booking=bookings.get(video.pk),
            **{name: found[video.pk] for name, found in told.items() if video.pk in found},
        )
        for video in videos
    }


def prefetch_experts() -> "Prefetch[Any]":
    """Prefetch the experts of videos or shoots with their users."""
    return Prefetch("experts", Expert.objects.select_related("user"))


def producers_among(users: Collection[int]) -> set[int]:
    """Those of some users who are producers."""
    if not users:
        return set()
    does = Q(groups__name=Role.PRODUCER.value) | Q(is_superuser=True)
    found = User.objects.filter(does, pk__in=users, is_active=True)
    return set(found.values_list("pk", flat=True))


def missing(video: Video) -> str | None:
    """What an idea lacks to be planned."""
    if video.stage != Stage.IDEA:
        return None
    return guards.plan(
        title=video.title, experts=len(video.experts.all()), planned_for=video.planned_for
    )


def action_urls(video: Video) -> dict[str, str]:
    """The URLs of planning's own actions."""
    page = video_url(video)
    return {
        "video": page,
        "cuts": f"{page}#cuts",
        "edit": reverse("planning_videos:edit", args=[video.pk]),
        "book": f"{reverse('planning_shoots:add')}?video={video.pk}",
        "plan": transition_url(video, Stage.PLANNED),
        "shot": transition_url(video, Stage.SHOT),
        "editing": transition_url(video, Stage.EDITING),
    }


def transition_url(video: Video, to: Stage) -> str:
    """Where a transition is made, by POST."""
    return reverse("planning_change_stage", args=[video.pk, to])


def cancellation_reasons(videos: Videos) -> dict[int, str]:
    """The reasons of cancelled videos, by key."""
    gone = [video.pk for video in videos if video.stage == Stage.CANCELLED]
    if not gone:
        return {}
    transitions = StageTransition.objects.filter(video__in=gone, to_stage=Stage.CANCELLED)
    return dict(transitions.values_list("video", "note"))  # by time, so that the last one stays


def shoot_states(videos: Videos, now: dt.datetime) -> dict[int, ShootState]:
    """The shoot that matters of each scheduled video."""
    pks = [video.pk for video in videos if video.stage == Stage.SCHEDULED]
    if not pks:
        return {}
    shoots: dict[int, list[Any]] = defaultdict(list)
    booked = Shoot.objects.filter(cancelled_at__isnull=True, videos__in=pks)
    for shoot in booked.annotate(video_key=F("videos")).prefetch_related(prefetch_experts()):
        shoots[shoot.video_key].append(shoot)
    return {video: shoot_state(found, now) for video, found in shoots.items()}


def shoot_state(shoots: Collection[Shoot], now: dt.datetime) -> ShootState:
    """The shoot that matters: the current or next one, else the last one."""
    ahead = [shoot for shoot in shoots if shoot.ends_at > now]
    shoot = (
        min(ahead, key=lambda one: one.starts_at)
        if ahead
        else max(shoots, key=lambda one: one.ends_at)
    )
    return ShootState(
        when=shoot_time(shoot),
        starts_at=shoot.starts_at,
        ends_at=shoot.ends_at,
        people=tuple(person_of(expert.user) for expert in shoot.experts.all()),
        url=shoot_url(shoot),
        has_begun=any(one.starts_at <= now for one in shoots),
    )
