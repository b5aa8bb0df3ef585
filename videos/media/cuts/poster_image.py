"""Converts uploaded pictures to posters: scaled, upright, and without metadata."""

from contextlib import suppress
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from videos.media.errors import PictureRefused

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF"]
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 1920  # pixels
LEAST_LONG_SIDE, LEAST_SHORT_SIDE = 320, 180
QUALITY = 86


def as_poster(content: bytes, width: int, height: int) -> bytes:
    """A JPEG of the shape `width` × `height`, no larger than the picture or 1920 pixels.

    Metadata is left behind (a phone writes where it was); colours become sRGB. Raises
    PictureRefused with a sentence for a producer.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise PictureRefused(_("The picture has more than 60 million pixels."))
            if max(image.size) < LEAST_LONG_SIDE or min(image.size) < LEAST_SHORT_SIDE:
                raise PictureRefused(
                    _(
                        "The picture has %(width)d × %(height)d pixels. "
                        "A poster needs at least 320 × 180."
                    )
                    % {"width": image.width, "height": image.height}
                )
            image.load()
            picture = flat(in_srgb(ImageOps.exif_transpose(image)))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as broken:
        raise PictureRefused(
            _("The picture cannot be read. Use JPEG, PNG, WebP or AVIF.")
        ) from broken
    made = BytesIO()
    fitted = ImageOps.fit(picture, size_within(picture.size, width, height))
    fitted.save(made, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return made.getvalue()


def in_srgb(image: Image.Image) -> Image.Image:
    """The picture in the colours that browsers take for granted."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA"}:
        with suppress(ImageCms.PyCMSError, OSError):
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            )
            return converted or image
    return image


def flat(image: Image.Image) -> Image.Image:
    """Without transparency: on white, as a page would show it."""
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):  # 16 bits of grey, of which a conversion would cut off the rest
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L").convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    paper = Image.new("RGB", rgba.size, "white")
    paper.paste(rgba, mask=rgba.getchannel("A"))
    return paper


def size_within(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The largest size of the shape `width` × `height` that `size` and LONGEST_SIDE hold."""
    scale = min(size[0] / width, size[1] / height, LONGEST_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))
