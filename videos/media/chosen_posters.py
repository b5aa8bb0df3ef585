"""The poster of a cut: the set's own, a frame that somebody chose, or a picture they brought.

It lies outside the sets, which never change and come and go; each new one has a new name.
"""

import logging
from decimal import Decimal
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.db import transaction

from videos.media.frames import frame_at
from videos.media.models import Cut, RenditionSet, footage, poster_path
from videos.media.pictures import as_poster

log = logging.getLogger(__name__)


def choose_frame(cut: Cut, renditions: RenditionSet, seconds: Decimal) -> None:
    """Take the picture at a moment. Raises PictureRefused."""
    frame = frame_at(renditions, float(seconds), rate_of(cut))
    put(cut, as_poster(frame, renditions.width, renditions.height), seconds)


def choose_picture(cut: Cut, renditions: RenditionSet, content: bytes) -> None:
    """Take a picture that somebody brought, in the shape of the set. Raises PictureRefused."""
    put(cut, as_poster(content, renditions.width, renditions.height), None)


def choose_none(cut: Cut) -> None:
    """Back to the set's own."""
    point(cut, "", None)


def put(cut: Cut, jpeg: bytes, seconds: Decimal | None) -> None:
    """Store a poster and point the cut to it; the one before goes once that is settled."""
    name = footage().save(poster_path(cut, ""), ContentFile(jpeg))
    try:
        point(cut, name, seconds)
    except BaseException:
        footage().delete(name)
        raise


def point(cut: Cut, name: str, seconds: Decimal | None) -> None:
    """One pointer changes; who chooses at the same instant comes after."""
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
    """Take a poster away that no cut has any more; one that stays is only a file too many."""
    try:
        footage().delete(name)
    except (OSError, BotoCoreError, ClientError):
        log.warning("the poster %s stays in the storage", name, exc_info=True)


def rate_of(cut: Cut) -> float:
    """Frames a second of the cut's sets."""
    told = str(cut.facts.get("constant_rate", ""))
    numerator, _slash, denominator = told.partition("/")
    try:
        return float(numerator) / float(denominator or 1)
    except (ValueError, ZeroDivisionError):
        return 25.0
