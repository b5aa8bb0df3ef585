"""Which videos are public, and who may watch them."""

from django.db.models import QuerySet

from videos.planning.models import Stage, Video
from videos.publishing.models import VideoPage
from videos.publishing.visibility import Visibility


def public_page(video: Video) -> VideoPage | None:
    """The live page of a published video, if there is one."""
    page: VideoPage | None = getattr(video, "page", None)
    return page if page and page.live and video.stage == Stage.PUBLISHED else None


def visibility_of_video(video: Video) -> Visibility:
    """Who may watch the live page of a video; everybody if there is none."""
    page = public_page(video)
    return page.visibility if page else Visibility()


def restricted_pages() -> dict[int, Visibility]:
    """The visibility of restricted pages, by their video's primary key."""
    return {page.video_id: page.visibility for page in VideoPage.objects.live().not_public()}


def watchable_videos() -> QuerySet[Video]:
    """Published videos with a live page: those that a share link may lead to."""
    return Video.objects.filter(stage=Stage.PUBLISHED, page__live=True)
