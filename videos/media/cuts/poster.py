"""The poster of a cut: the set's own, a frame that somebody chose, or a picture they brought.

It lies outside the sets, which never change and come and go; each new one has a new name.
"""

import logging
from decimal import Decimal
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.db import transaction

from videos.media.cuts.frame_grab import frame_at
from videos.media.cuts.poster_image import as_poster
from videos.media.models import Cut, RenditionSet, footage, poster_path

log = logging.getLogger(__name__)


def choose_frame(cut: Cut, renditions: RenditionSet, seconds: Decimal) -> None:
    """Use the frame at a time as the poster. Raises PictureRefused."""
    frame = frame_at(renditions, float(seconds), rate_of(cut))
    put(cut, as_poster(frame, renditions.width, renditions.height), seconds)


def choose_picture(cut: Cut, renditions: RenditionSet, content: bytes) -> None:
    """Use an uploaded picture, cropped to the shape of the set. Raises PictureRefused."""
    put(cut, as_poster(content, renditions.width, renditions.height), None)


def choose_none(cut: Cut) -> None:
    """Use the automatic poster."""
    point(cut, "", None)


def put(cut: Cut, jpeg: bytes, seconds: Decimal | None) -> None:
    """Store a poster and save it in the cut. The old file is deleted after the commit."""
    name = footage().save(poster_path(cut, ""), ContentFile(jpeg))
    try:
        point(cut, name, seconds)
    except BaseException:
        footage().delete(name)
        raise


def point(cut: Cut, name: str, seconds: Decimal | None) -> None:
    """Save the poster of a cut under a lock."""
    with transaction.atomic():
        fresh = Cut.objects.select_for_update().get(pk=cut.pk)
        before = fresh.poster.name
        fresh.poster, fresh.poster_seconds = name, seconds
        fresh.save(update_fields=["poster", "poster_seconds"])
        if before and before != fresh.public_poster:  # viewers have it until the next publishing
            transaction.on_commit(partial(remove, before))
    cut.refresh_from_db(fields=["poster", "poster_seconds"])
    log.info("cut %s has the poster %s", cut.pk, name or "of its set")


def remove(name: str) -> None:
    """Delete the file of a poster that no cut uses. Errors are logged."""
    try:
        footage().delete(name)
    except (OSError, BotoCoreError, ClientError):
        log.warning("the poster %s stays in the storage", name, exc_info=True)


def rate_of(cut: Cut) -> float:
    """Frames a second of the cut's sets."""
    told = str(cut.source_info.get("constant_rate", ""))
    numerator, _slash, denominator = told.partition("/")
    try:
        return float(numerator) / float(denominator or 1)
    except (ValueError, ZeroDivisionError):
        return 25.0
