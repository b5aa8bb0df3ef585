"""The state of a video's estimate, which planning's next step depends on."""

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
    """Register this room's state loader and pending condition with planning."""
    register_state_loader("estimate", estimates_of)
    register_pending_condition(requests_for_public_videos)


def requests_for_public_videos() -> Q:
    """Select public videos with an estimate that waits for a greenlight."""
    requested = Estimate.objects.filter(state=State.REQUESTED, video__stage__in=PUBLIC_STAGES)
    return Q(pk__in=requested.values("video"))


def estimates_of(videos: Collection[Video]) -> dict[int, EstimateState]:
    """Return estimate states by primary key of the video.

    For a planned video, it is that of its newest estimate; for others, that of an estimate that
    waits for a greenlight. Videos with neither are omitted.
    """
    planned = {video.pk for video in videos if video.stage == Stage.PLANNED}
    newest: dict[int, Estimate] = {}
    relevant = Q(state=State.REQUESTED) | Q(video__in=planned)
    for estimate in Estimate.objects.filter(relevant, video__in=[video.pk for video in videos]):
        newest[estimate.video_id] = estimate
    writers = writers_of({pk for pk, one in newest.items() if one.state == State.REQUESTED})
    return {
        video.pk: estimate_state(video, newest.get(video.pk), writers[video.pk])
        for video in videos
        if video.pk in planned or video.pk in newest
    }


def estimate_state(video: Video, estimate: Estimate | None, writers: set[int]) -> EstimateState:
    """Return the state of one estimate.

    A greenlit estimate counts as none: a video that is planned again needs a new one.
    """
    is_open = estimate is not None and estimate.state != State.GREENLIT
    state = str(estimate.state) if estimate and is_open else "none"
    if estimate and state == State.REQUESTED:
        writers = writers | {estimate.requested_by_id}
    return EstimateState(
        state=state,
        ask_url=reverse("budgets_estimate_form", args=[video.pk]),
        decide_url=f"{video_url(video)}#budget",
        writers=frozenset(writers),
        since=(estimate.decided_at or estimate.requested_at) if estimate and is_open else None,
    )


def writers_of(videos: Collection[int]) -> defaultdict[int, set[int]]:
    """Return, by video, the users who wrote an estimate since its last greenlight.

    They may not greenlight it.
    """
    found: defaultdict[int, set[int]] = defaultdict(set)
    if videos:
        rows = EstimateWriter.objects.since_greenlight().filter(estimate__video__in=videos)
        for video, user in rows.values_list("estimate__video", "user"):
            found[video].add(user)
    return found
