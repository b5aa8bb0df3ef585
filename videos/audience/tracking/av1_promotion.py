"""Finds videos that are watched often enough to pay for a second, smaller set in AV1."""

import logging

from django.conf import settings
from django.db.models import Count, F, Q

from videos.audience.models import View
from videos.media.jobs import actions
from videos.media.models import Cut, RenditionSet

log = logging.getLogger(__name__)


def cuts_due_for_av1(views: int) -> list[Cut]:
    """Public cuts without AV1 whose video has at least this number of counted views."""
    watched = (
        View.objects.counted()
        .values("video")
        .annotate(times=Count("pk"))
        .filter(times__gte=views)
        .values("video")
    )
    in_public = Q(current_set__is_public=True, current_set__kind=RenditionSet.Kind.FULL)
    return list(
        Cut.objects.filter(
            in_public, state=Cut.State.READY, second_set=None, video__in=watched
        ).order_by(F("current_set__created_at").asc())
    )


def ask_for_av1() -> None:
    """Request an AV1 set of cuts that are watched often. Runs every hour.

    AV1_FROM_VIEWS=0 disables it.
    """
    if settings.AV1_FROM_VIEWS <= 0:
        return
    for cut in cuts_due_for_av1(settings.AV1_FROM_VIEWS):
        if actions.request_av1(cut):
            log.info("cut %s is watched often: AV1 set requested", cut.pk)
