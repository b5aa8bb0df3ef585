"""Where a video can be watched, and by whom."""

from django.db.models import QuerySet

from videos.planning.models import Stage, Video
from videos.publishing.models import VideoPage
from videos.publishing.reach import Reach


def public_page(video: Video) -> VideoPage | None:
    """The live page of a published video; None when there is none."""
    page: VideoPage | None = getattr(video, "page", None)
    return page if page and page.live and video.stage == Stage.PUBLISHED else None


def reach(video: Video) -> Reach:
    """How public the live page of a video is; unrestricted where there is none to restrict."""
    page = public_page(video)
    return page.reach if page else Reach()


def restricted() -> dict[int, Reach]:
    """How public the pages are that not everybody may watch, by their video's primary key."""
    return {page.video_id: page.reach for page in VideoPage.objects.live().not_public()}


def watchable_videos() -> QuerySet[Video]:
    """Published videos with a live page: those that a share link may lead to."""
    return Video.objects.filter(stage=Stage.PUBLISHED, page__live=True)
