"""What protects a page protects its film: the cut's sets follow Wagtail's page privacy.

Why both, and how: docs/decisions/0036-page-privacy-protects-the-film.md
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from wagtail.models import Page

from videos.media.models import Cut, RenditionSet
from videos.media.sets import is_shown
from videos.planning.models import Stage, Video
from videos.publishing.models import VideoPage
from videos.publishing.showing import show


def follow_restriction(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """After a restriction was made, changed or taken away: its page and all below follow."""
    for page in VideoPage.objects.live().descendant_of(instance.page, inclusive=True):
        follow(page.pk)


def follow_move(sender: type[Page], instance: Page, **kwargs: Any) -> None:
    """After pages were moved: they may stand below a restriction now, or no more."""
    for page in VideoPage.objects.live().descendant_of(instance, inclusive=True):
        follow(page.pk)


def follow_all() -> None:
    """Every minute: what no signal told, say rows written in bulk or by SQL."""
    open_sets = RenditionSet.objects.filter(cut__video=OuterRef("video")).filter(granted())
    shown = RenditionSet.objects.on_show().filter(cut=OuterRef("cut"))
    live = VideoPage.objects.live().exclude(cut=None)
    too_open = live.not_public().filter(Exists(open_sets))
    too_closed = live.public().filter(~Exists(shown), video__stage=Stage.PUBLISHED)
    for pk in [*too_open.values_list("pk", flat=True), *too_closed.values_list("pk", flat=True)]:
        follow(pk)


def follow(page_id: int) -> None:
    """Have the film of a page be as public as the page is. Doing it twice changes nothing."""
    with transaction.atomic():
        # The video's row is what publishing and retiring lock, too.
        page = VideoPage.objects.select_related("cut").get(pk=page_id)
        video = Video.objects.select_for_update().get(pk=page.video_id)
        if page.cut is None or video.stage != Stage.PUBLISHED:
            return  # taken down, or about to be deleted
        is_restricted = page.is_restricted
        if is_restricted == has_grants(page.cut):
            show(page.cut, to_anyone=not is_restricted)


def granted() -> Q:
    """Sets that anyone may play now."""
    return Q(is_public=True) | Q(public_until__gt=now())


def has_grants(cut: Cut) -> bool:
    """Whether anyone may play a set of the cut's video."""
    sets: QuerySet[RenditionSet] = RenditionSet.objects.filter(cut__video=cut.video_id)
    return sets.filter(granted()).exists()


def lets_in(request: HttpRequest, renditions: RenditionSet) -> bool:
    """Whether a visitor passed what protects the page of a film, and so may play it there."""
    if not is_shown(renditions):
        return False
    page = VideoPage.objects.live().filter(cut=renditions.cut_id).first()
    return page is not None and page.is_passed_by(request)
