"""The next step and picture of each video in a list."""

from collections.abc import Iterable

from videos.planning.models import Video
from videos.planning.next_step.loading import next_steps
from videos.planning.pictures import pictures_of


def look_up(videos: Iterable[Video]) -> None:
    """Set `next_step` and `picture` (the URL of a small poster) of each video."""
    rows = list(videos)
    found, pictures = next_steps(rows), pictures_of(rows)
    for video in rows:
        video.next_step = found[video.pk]
        video.picture = pictures.get(video.pk, "")
