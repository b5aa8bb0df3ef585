"""Page privacy protects the video, too: a cut's sets follow Wagtail's page privacy.

For the reasons see docs/decisions/0030-page-privacy-protects-the-film.md
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from wagtail.models import Page

from videos.media.access import is_shown
from videos.media.models import Cut, RenditionSet
from videos.planning.models import Stage, Video
from videos.publishing.cut_visibility import set_visibility
from videos.publishing.models import VideoPage


def sync_after_restriction_change(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """After a restriction was created, changed or deleted: update the pages below it."""
    for page in VideoPage.objects.live().descendant_of(instance.page, inclusive=True):
        sync_page(page.pk)


def sync_after_page_move(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    """After pages were moved: they may be below a restriction now, or no longer."""
    for page in VideoPage.objects.live().descendant_of(instance, inclusive=True):
        sync_page(page.pk)


def sync_all() -> None:
    """Every minute: update pages that no signal covers, such as rows changed by SQL."""
    open_sets = RenditionSet.objects.filter(cut__video=OuterRef("video")).filter(
        is_open_to_anyone()
    )
    shown = RenditionSet.objects.on_show().filter(cut=OuterRef("cut"))
    live = VideoPage.objects.live().exclude(cut=None)
    too_open = live.not_public().filter(Exists(open_sets))
    too_closed = live.public().filter(~Exists(shown), video__stage=Stage.PUBLISHED)
    for pk in [*too_open.values_list("pk", flat=True), *too_closed.values_list("pk", flat=True)]:
        sync_page(pk)


follow_all = sync_all  # the path that earlier versions have in their queues and schedules


def sync_page(page_id: int) -> None:
    """Make the video of a page as visible as the page. Safe to call again."""
    with transaction.atomic():
        # Publishing and retiring lock the video, too.
        page = VideoPage.objects.select_related("cut").get(pk=page_id)
        video = Video.objects.select_for_update().get(pk=page.video_id)
        if page.cut is None or video.stage != Stage.PUBLISHED:
            return  # taken down, or about to be deleted
        is_restricted = page.is_restricted
        if is_restricted == can_be_played_by_anyone(page.cut):
            set_visibility(page.cut, to_anyone=not is_restricted)


def is_open_to_anyone() -> Q:
    """The condition for sets that anyone may play now."""
    return Q(is_public=True) | Q(public_until__gt=now())


def can_be_played_by_anyone(cut: Cut) -> bool:
    """Whether anyone may play a set of the cut's video."""
    sets: QuerySet[RenditionSet] = RenditionSet.objects.filter(cut__video=cut.video_id)
    return sets.filter(is_open_to_anyone()).exists()


def passes_page_privacy(request: HttpRequest, renditions: RenditionSet) -> bool:
    """Whether a visitor passed the privacy of a set's page, and so may play the set."""
    if not is_shown(renditions):
        return False
    page = VideoPage.objects.live().filter(cut=renditions.cut_id).first()
    return page is not None and page.lets_in(request)
