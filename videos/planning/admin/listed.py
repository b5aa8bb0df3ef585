"""What every list of videos shows beside their titles."""

from collections.abc import Iterable

from videos.planning.models import Video
from videos.planning.next_step.loading import next_steps
from videos.planning.pictures import pictures_of


def look_up(videos: Iterable[Video]) -> None:
    """Give videos what comes next for each (`next_step`) and their small posters (`picture`)."""
    rows = list(videos)
    found, pictures = next_steps(rows), pictures_of(rows)
    for video in rows:
        video.next_step = found[video.pk]
        video.picture = pictures.get(video.pk, "")
