"""Small posters for lists, cards and the player."""

from io import BytesIO
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from videos.media.models import RenditionSet, footage

QUALITY = {320: 60, 480: 62, 960: 60}  # by width in pixels: a list, a card, and the player


def chosen_key(chosen: str) -> str:
    """What tells a poster that somebody chose, by its path; empty for the set's own."""
    return PurePosixPath(chosen).stem


def small_poster(renditions: RenditionSet, chosen: str, width: int) -> str:
    """The place of a small poster in the default storage; made at first use.

    `chosen` is the path of the one that somebody chose, "" for the set's own. Raises
    FileNotFoundError when there is no poster, OSError when it is no picture.
    """
    name = f"posters/{chosen_key(chosen) or renditions.key}-{width}.webp"
    if default_storage.exists(name):
        return name
    with footage().open(chosen or f"{renditions.folder}/{renditions.poster}") as source:
        made = shrunk(source.read(), width)
    return default_storage.save(name, made)


def shrunk(picture: bytes, width: int) -> ContentFile:
    """The picture as WebP, `width` pixels wide at most. Raises OSError when it is none."""
    with Image.open(BytesIO(picture)) as image:
        image.thumbnail((width, width * 2))
        small = BytesIO()
        image.convert("RGB").save(small, "WEBP", quality=QUALITY[width], method=6)
    return ContentFile(small.getvalue())
