"""Finds the sets whose end players do not notice, and has them mended; see `mending.py`."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from videos.media.mending import ends_well
from videos.media.models import Cut, Job, RenditionSet
from videos.media.tasks import enqueue

log = logging.getLogger(__name__)

KIND = "ends"
LOOKED_AT = 20  # sets a minute


def look_at_ends() -> None:
    """Look at sets that cuts show and nobody looked at: public ones first, a few at a time."""
    shown = Cut.objects.filter(Q(current_set=OuterRef("pk")) | Q(second_set=OuterRef("pk")))
    new = RenditionSet.objects.filter(Exists(shown.filter(state=Cut.State.READY)), ends_well=None)
    for renditions in new.select_related("cut").order_by("-is_public", "-created_at")[:LOOKED_AT]:
        try:
            well = ends_well(renditions)
        except FileNotFoundError:
            log.error("set %s lacks a playlist: how it ends cannot be seen", renditions.key)
            well = True  # it plays nowhere, and no mending makes it whole
        with transaction.atomic():
            RenditionSet.objects.filter(pk=renditions.pk).update(ends_well=well)
            if not well:
                ask(renditions.cut)


def ask(cut: Cut) -> None:
    """Have the sets that a cut shows mended, unless that is under way."""
    try:
        with transaction.atomic():
            enqueue(Job.objects.create(cut=cut, kind=KIND))
    except IntegrityError:
        log.info("the sets of cut %s are being mended already", cut.pk)
