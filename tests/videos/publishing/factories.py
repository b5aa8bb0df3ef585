"""Videos on their way to the public site."""

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import UserFactory, VideoFactory, ready_cut
from videos.media.models import Cut
from videos.planning.models import Video
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.review.models import Verdict


def approve(cut: Cut) -> Cut:
    """An approval of the cut's file, written without `approvals.approve`."""
    Verdict.objects.create(
        cut=cut,
        kind=Verdict.Kind.APPROVED,
        sha256=cut.sha256,
        by=UserFactory(),
        at=timezone.now(),
    )
    return cut


def approved_video(**fields: Any) -> Video:
    """A video in *approved* with one approved cut."""
    video = VideoFactory(**{"stage": "approved", **fields})
    approve(ready_cut(video=video, number=1))
    return video


def draft_page(video: Video, **fields: Any) -> VideoPage:
    """A draft with one revision, as the editor leaves it."""
    index = VideoIndexPage.objects.get()
    page = VideoPage(**{"title": video.title, "video": video, "live": False, **fields})
    index.add_child(instance=page)
    page.save_revision()
    return page


def live_page(**fields: Any) -> VideoPage:
    """A published page of an approved video."""
    return published(approved_video(**fields))


def published(video: Video) -> VideoPage:
    """The page of an approved video, published as it is now."""
    page = draft_page(video)
    page.get_latest_revision().publish()
    page.refresh_from_db()
    return page


def panel(client: Client, video: Video) -> str:
    """Publishing's panel on the page of a video, as it is fetched; else the page without it."""
    page = client.get(video_url(video)).content.decode()
    address = reverse("planning_video_panel", args=[video.pk, "public-page"])
    if address not in page and 'id="public-page"' not in page:
        return page
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
