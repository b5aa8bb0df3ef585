"""Where a video can be watched by anyone."""

from django.db.models import QuerySet

from videos.planning.models import Stage, Video
from videos.publishing.models import VideoPage


def public_page(video: Video) -> VideoPage | None:
    """The live page of a published video; None when there is none."""
    if video.stage != Stage.PUBLISHED:
        return None
    page: VideoPage | None = VideoPage.objects.live().filter(video=video).first()
    return page


def watchable_videos() -> QuerySet[Video]:
    """Published videos with a live page: those that a share link may lead to."""
    return Video.objects.filter(stage=Stage.PUBLISHED, page__live=True)
