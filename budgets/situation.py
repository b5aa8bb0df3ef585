"""What the next step of a video hangs on in this room: its estimate, and who may decide on it."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse

from budgets.models import Estimate, EstimateWriter
from videos.planning.models import Stage, Video
from videos.planning.next_step.loading import register_pending_condition, register_state_loader
from videos.planning.next_step.progress import PUBLIC_STAGES
from videos.planning.next_step.states import EstimateState
from videos.planning.urls_for import video_url

State = Estimate.State


def register() -> None:
    """Planning asks this room for the estimates of videos."""
    register_state_loader("estimate", estimates_of)
    register_pending_condition(awaited)


def awaited() -> Q:
    """Public videos for which more money is asked."""
    asked = Estimate.objects.filter(state=State.REQUESTED, video__stage__in=PUBLIC_STAGES)
    return Q(pk__in=asked.values("video"))


def estimates_of(videos: Collection[Video]) -> dict[int, EstimateState]:
    """The estimate that matters of each video: of a planned one the newest, of others one that
    finance is asked to decide on."""
    planned = {video.pk for video in videos if video.stage == Stage.PLANNED}
    newest: dict[int, Estimate] = {}
    asked = Q(state=State.REQUESTED) | Q(video__in=planned)
    for estimate in Estimate.objects.filter(asked, video__in=[video.pk for video in videos]):
        newest[estimate.video_id] = estimate
    writers = writers_of({pk for pk, one in newest.items() if one.state == State.REQUESTED})
    return {
        video.pk: estimated(video, newest.get(video.pk), writers[video.pk])
        for video in videos
        if video.pk in planned or video.pk in newest
    }


def estimated(video: Video, estimate: Estimate | None, writers: set[int]) -> EstimateState:
    """How far one estimate is. One that was greenlit is of no more use to a planned video."""
    is_open = estimate is not None and estimate.state != State.GREENLIT
    state = str(estimate.state) if estimate and is_open else "none"
    if estimate and state == State.REQUESTED:
        writers = writers | {estimate.requested_by_id}
    return EstimateState(
        state=state,
        ask_url=reverse("budgets_ask", args=[video.pk]),
        decide_url=f"{video_url(video)}#budget",
        writers=frozenset(writers),
        since=(estimate.decided_at or estimate.requested_at) if estimate and is_open else None,
    )


def writers_of(videos: Collection[int]) -> defaultdict[int, set[int]]:
    """Who wrote an estimate of each video since its last greenlight: they do not decide on it."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    if videos:
        rows = EstimateWriter.objects.since_greenlight().filter(estimate__video__in=videos)
        for video, user in rows.values_list("estimate__video", "user"):
            found[video].add(user)
    return found
