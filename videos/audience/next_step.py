"""The audience's part of a video's next step: where to share it, and open playback problems."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from videos.audience.models import PlaybackProblem
from videos.audience.public import watchable_videos
from videos.audience.urls_for import share_url
from videos.planning.models import Stage, Video
from videos.planning.next_step.loading import register_pending_condition, register_state_loader
from videos.planning.next_step.states import AudienceState
from videos.planning.urls_for import video_url


def register() -> None:
    """Register with planning's next step."""
    register_state_loader("audience", audience_states)
    register_pending_condition(has_open_problem)


def open_problems() -> Exists:
    """Whether a video has an open playback problem."""
    return Exists(PlaybackProblem.objects.filter(video=OuterRef("pk"), resolved_at=None))


def has_open_problem() -> Q:
    """The condition for public videos that need attention."""
    return Q(open_problems())


def audience_states(videos: Collection[Video]) -> dict[int, AudienceState]:
    """The audience state of each video that can be shared."""
    keys = [video.pk for video in videos if video.stage == Stage.PUBLISHED]
    if not keys:
        return {}
    watchable = watchable_videos().filter(pk__in=keys).annotate(has_problem=open_problems())
    fails = dict(watchable.values_list("pk", "has_problem"))
    return {
        video.pk: AudienceState(
            share_url(video=video),
            f"{video_url(video)}#audience" if fails[video.pk] else "",
        )
        for video in videos
        if video.pk in fails
    }
