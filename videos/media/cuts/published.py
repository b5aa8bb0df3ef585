"""The published captions and poster of a cut, which viewers see.

Later edits stay with the studio until somebody publishes them. See
docs/decisions/0039-what-viewers-have.md
"""

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from videos.media.cuts.poster import remove
from videos.media.models import Caption, Cut, PublicCaption

log = logging.getLogger(__name__)

SAME = ("language", "label", "webvtt", "paragraphs", "cues", "is_automatic")


def publish(cut: Cut) -> None:
    """Publish the current captions and poster of a cut."""
    with transaction.atomic():
        fresh = Cut.objects.select_for_update().get(pk=cut.pk)
        PublicCaption.objects.filter(cut=fresh).delete()
        PublicCaption.objects.bulk_create(
            PublicCaption(cut=fresh, published_at=now(), **values(caption))
            for caption in fresh.captions.with_words()
        )
        before, fresh.public_poster = fresh.public_poster, fresh.poster.name or ""
        fresh.save(update_fields=["public_poster"])
        if before and before != fresh.public_poster:
            transaction.on_commit(partial(remove, before))
    cut.public_poster = fresh.public_poster


def values(caption: Caption | PublicCaption) -> dict[str, Any]:
    """What viewers see of captions."""
    return {name: getattr(caption, name) for name in SAME}


def is_changed(cut: Cut) -> bool:
    """Whether captions or poster differ from the published ones."""
    if (cut.poster.name or "") != cut.public_poster:
        return True
    now_there = [values(caption) for caption in cut.captions.with_words().order_by("language")]
    return now_there != [
        values(caption) for caption in cut.public_captions.all().order_by("language")
    ]
