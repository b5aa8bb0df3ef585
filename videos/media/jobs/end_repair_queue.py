"""Finds rendition sets whose end players do not detect, and queues their repair."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from videos.media.jobs.end_repair import ends_well
from videos.media.jobs.tasks import enqueue
from videos.media.models import Cut, Job, RenditionSet

log = logging.getLogger(__name__)

LOOKED_AT = 20  # sets a minute


def check_ends() -> None:
    """Check sets that were not checked yet: public ones first, a few at a time."""
    shown = Cut.objects.filter(Q(current_set=OuterRef("pk")) | Q(second_set=OuterRef("pk")))
    new = RenditionSet.objects.filter(Exists(shown.filter(state=Cut.State.READY)), ends_well=None)
    for renditions in new.select_related("cut").order_by("-is_public", "-created_at")[:LOOKED_AT]:
        try:
            well = ends_well(renditions)
        except FileNotFoundError:
            log.error("set %s cannot be checked: a playlist is missing", renditions.key)
            well = True  # it cannot be played or repaired
        with transaction.atomic():
            RenditionSet.objects.filter(pk=renditions.pk).update(ends_well=well)
            if not well:
                ask(renditions.cut)


def ask(cut: Cut) -> None:
    """Queue a repair of the sets that a cut shows, unless one is open."""
    try:
        with transaction.atomic():
            enqueue(Job.objects.create(cut=cut, kind=Job.Kind.END_REPAIR))
    except IntegrityError:
        log.info("the sets of cut %s are already being repaired", cut.pk)
