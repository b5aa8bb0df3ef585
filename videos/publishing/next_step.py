"""Publishing's part of a video's next step: its public page, and scheduled changes to it."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.urls import reverse
from wagtail.models import Revision
from wagtail.permissions import page_permission_policy

from studio.people.models import User
from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.planning.next_step.loading import (
    register_pending_condition,
    register_permissions,
    register_state_loader,
)
from videos.planning.next_step.rules import PUBLISH_PERMISSION
from videos.planning.next_step.states import PageState
from videos.planning.urls_for import video_url
from videos.publishing.models import VideoPage
from videos.review.approvals import approved_cuts, is_newer

STAGES_WITH_PAGE = {Stage.APPROVED, Stage.PUBLISHED, Stage.RETIRED}


def register() -> None:
    """Register with planning's next step."""
    register_state_loader("page", page_states)
    register_pending_condition(has_pending_step)
    register_permissions(permissions_of)


def permissions_of(user: User) -> Iterable[str]:
    """Users who may publish Wagtail pages may publish videos."""
    if page_permission_policy.user_has_permission(user, "publish"):
        yield PUBLISH_PERMISSION


def has_pending_step() -> Q:
    """Live videos with a newer approved cut, and retired ones that are scheduled."""
    newest = approved_cuts().filter(video=OuterRef("video")).order_by("-number")
    newer = (
        VideoPage.objects.live()
        .annotate(newest=Subquery(newest.values("number")[:1]))
        .filter(newest__gt=F("cut__number"))
    )
    revisions = Revision.page_revisions.filter(
        approved_go_live_at__isnull=False, object_id=Cast(OuterRef("pk"), CharField())
    )
    due = VideoPage.objects.filter(Exists(revisions), live=False)
    return Q(pk__in=newer.values("video")) | Q(pk__in=due.values("video"))


def scheduled_revisions() -> Iterable[Revision]:
    """Revisions of pages that are scheduled to go live, the earliest last."""
    due = Revision.page_revisions.filter(approved_go_live_at__isnull=False)
    found: QuerySet[Revision] = due.only("object_id", "approved_go_live_at")
    return found.order_by("-approved_go_live_at")


def page_states(videos: Collection[Video]) -> dict[int, PageState]:
    """The page state of each video that has a page, or needs one in its stage."""
    looked_at = {video.pk: video for video in videos if video.stage != Stage.CANCELLED}
    if not looked_at:
        return {}
    pages = {
        page.video_id: page
        for page in VideoPage.objects.filter(video__in=looked_at).select_related("cut")
    }
    revisions = scheduled_revisions() if pages else ()
    due = {int(one.object_id): one.approved_go_live_at for one in revisions}
    approved: dict[int, Cut] = {
        cut.video_id: cut for cut in approved_cuts().filter(video__in=looked_at).order_by("number")
    }
    found = {}
    for pk, video in looked_at.items():
        page = pages.get(pk)
        if page:
            found[pk] = page_state(page, video, approved.get(pk), due.get(page.pk))
        elif video.stage in STAGES_WITH_PAGE and not video.imported:
            found[pk] = PageState(url=panel_url(video), create_url=create_url(video))
    return found


def page_state(
    page: VideoPage, video: Video, approved: Cut | None, goes_live_at: dt.datetime | None
) -> PageState:
    """The state of one page, given the newest approved cut of its video."""
    public = page.cut if page.live else None
    offered = approved if approved and approved != public else None
    return PageState(
        url=panel_url(video),
        create_url=create_url(video),
        exists=True,
        live=page.live,
        public_number=public.number if public else None,
        approved_number=offered.number if offered else None,
        is_older=bool(public and offered and is_newer(public, offered)),
        goes_live_at=goes_live_at,
        expires_at=page.expire_at if page.live else None,
    )


def panel_url(video: Video) -> str:
    """The public page panel on a video's page."""
    return f"{video_url(video)}#public-page"


def create_url(video: Video) -> str:
    """Where the draft of a public page is made, by POST."""
    return reverse("publishing_create_page", args=[video.pk])
