"""Small posters of public videos, shown before the player is loaded."""

from django.conf import settings
from django.urls import reverse

from videos.media.cuts.small_posters import chosen_key, small_poster
from videos.media.models import RenditionSet

WIDTHS = (480, 960)  # pixels; a card, and the player


def poster_url(renditions: RenditionSet, width: int) -> str:
    """The URL of the poster of a public set, at most `width` pixels wide.

    Posters that somebody chose have URLs of their own, because browsers cache them for ever.
    """
    where = {"key": renditions.key, "width": width}
    chosen = published_key(renditions)
    own = (
        reverse("publishing_chosen_poster", kwargs=where | {"chosen": chosen})
        if chosen
        else reverse("publishing_poster", kwargs=where)
    )
    return f"{settings.CDN_URL}{own}" if renditions.is_public else own


def published_key(renditions: RenditionSet) -> str:
    """The key of the published poster that somebody chose; empty for the default one."""
    return chosen_key(renditions.cut.public_poster)


def poster_file(renditions: RenditionSet, width: int) -> str:
    """The path of the small published poster in the default storage; created on first use.

    Raises FileNotFoundError if the set has no poster, OSError if it is no image.
    """
    return small_poster(renditions, renditions.cut.public_poster, width)
