"""Small posters: what a page of the public site shows before anybody presses play."""

from io import BytesIO
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from videos.media.models import RenditionSet, footage

WIDTHS = (480, 960)  # pixels; a card, and the player
QUALITY = {480: 62, 960: 60}


def poster_url(renditions: RenditionSet, width: int) -> str:
    """The address of the poster of a public set, `width` pixels wide at most.

    A poster that somebody chose has addresses of its own, for each is kept by browsers for ever.
    """
    where = {"key": renditions.key, "width": width}
    chosen = chosen_key(renditions)
    own = (
        reverse("chosen_poster", kwargs=where | {"chosen": chosen})
        if chosen
        else reverse("poster", kwargs=where)
    )
    return f"{settings.CDN_URL}{own}" if renditions.is_public else own


def chosen_key(renditions: RenditionSet) -> str:
    """What tells the published poster that somebody chose; empty for the set's own."""
    return PurePosixPath(renditions.cut.public_poster).stem


def poster_file(renditions: RenditionSet, width: int) -> str:
    """The place of the small poster in the default storage; made at first use.

    Raises FileNotFoundError when the set has no poster, OSError when it is no picture.
    """
    chosen = renditions.cut.public_poster
    name = f"posters/{chosen_key(renditions) or renditions.key}-{width}.webp"
    if default_storage.exists(name):
        return name
    with footage().open(chosen or f"{renditions.folder}/{renditions.poster}") as source:
        made = shrunk(source.read(), width)
    return default_storage.save(name, ContentFile(made))


def shrunk(picture: bytes, width: int) -> bytes:
    """The picture as WebP, `width` pixels wide at most. Raises OSError when it is none."""
    with Image.open(BytesIO(picture)) as image:
        image.thumbnail((width, width * 2))
        small = BytesIO()
        image.convert("RGB").save(small, "WEBP", quality=QUALITY[width], method=6)
    return small.getvalue()
