"""Small posters: what a page of the public site shows before anybody presses play."""

from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.urls import reverse
from PIL import Image

from videos.media.models import RenditionSet

WIDTHS = (480, 960)  # pixels; a card, and the player
QUALITY = {480: 62, 960: 60}


def poster_url(renditions: RenditionSet, width: int) -> str:
    """The address of the poster of a public set, `width` pixels wide at most."""
    return reverse("poster", kwargs={"key": renditions.key, "width": width})


def poster_file(renditions: RenditionSet, width: int) -> str:
    """The place of the small poster in the default storage; made at first use.

    Raises FileNotFoundError when the set has no poster, OSError when it is no picture.
    """
    name = f"posters/{renditions.key}-{width}.webp"
    if default_storage.exists(name):
        return name
    with storages["footage"].open(f"{renditions.folder}/{renditions.poster}") as source:
        made = shrunk(source.read(), width)
    return default_storage.save(name, ContentFile(made))


def shrunk(picture: bytes, width: int) -> bytes:
    """The picture as WebP, `width` pixels wide at most. Raises OSError when it is none."""
    with Image.open(BytesIO(picture)) as image:
        image.thumbnail((width, width * 2))
        small = BytesIO()
        image.convert("RGB").save(small, "WEBP", quality=QUALITY[width], method=6)
    return small.getvalue()
