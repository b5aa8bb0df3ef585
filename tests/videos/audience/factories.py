"""Rows that only this room's tests need."""

from wagtail.models import Page, Site

from tests.factories import VideoFactory, ready_cut
from videos.planning.models import Video
from videos.publishing.models import VideoIndexPage, VideoPage


def index_page() -> VideoIndexPage:
    """The front page, and the site that has it as its root."""
    known = VideoIndexPage.objects.first()
    if known:
        return known
    index = Page.objects.get(depth=1).add_child(instance=VideoIndexPage(title="Videos"))
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.root_page = index
    site.hostname, site.port = "testserver", 80
    site.save()
    return index


def public_video(**fields: object) -> Video:
    """A published video with a live page that shows a cut; no gate has been asked."""
    video = VideoFactory(stage="published", **fields)
    page = VideoPage(title=video.title, slug=f"video-{video.pk}", video=video, live=False)
    index_page().add_child(instance=page)
    cut = ready_cut(video=video)
    cut.sets.update(is_public=True)
    VideoPage.objects.filter(pk=page.pk).update(live=True, cut=cut)
    video.refresh_from_db()
    return video
