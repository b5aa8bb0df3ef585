"""Which videos are watched so much that a smaller second set of them pays."""

import logging

from django.conf import settings
from django.db.models import Count, F, Q

from videos.audience.models import View
from videos.media import acts
from videos.media.models import Cut, RenditionSet

log = logging.getLogger(__name__)


def cuts_that_earned_it(views: int) -> list[Cut]:
    """The cuts in public, not yet in AV1, whose video has so many counted views or more."""
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
    """Every hour: have a second set made of what is watched much, where the studio wants it."""
    if settings.AV1_FROM_VIEWS <= 0:
        return
    for cut in cuts_that_earned_it(settings.AV1_FROM_VIEWS):
        if acts.ask_for_av1(cut):
            log.info("cut %s has earned a second set", cut.pk)
