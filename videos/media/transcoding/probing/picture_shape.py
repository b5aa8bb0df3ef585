"""The size, pixel shape and orientation in which a picture is shown."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from videos.media.transcoding.geometry import is_square
from videos.media.transcoding.probing import picture_sizes
from videos.media.transcoding.probing.ffprobe import parse_ratio
from videos.media.transcoding.probing.orientation import rotation_of, rotation_of_first_frame
from videos.media.transcoding.probing.picture_sizes import Shape
from videos.media.transcoding.probing.streams import has_alpha_beside, side_data

MAX_ASPECT = Fraction(5)
VISIBLE_STRETCH = Fraction(3, 100)  # a picture stretched by less looks the same
MAX_STRETCHED_SIZES = 20  # of a picture that changes its size: each is an argument of a filter
# Decoders that read the transparency which WebM keeps beside the picture
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def shown_picture(
    source: Path, report: Mapping[str, Any], picture: Mapping[str, Any], end: float | None
) -> Mapping[str, Any]:
    """The picture track with the size and aspect ratio in which it is shown, cropped to its clean
    aperture. These keys are added:

    - `varies`: the size changes midway; `aspects`: the sample aspect ratio of each size
    - `reshaped`: the aspect ratio of one size changes midway
    - `decoder`: the decoder that reads its transparency, or ""
    - `turn`: degrees clockwise that show it upright
    """
    width, height = int(picture.get("width") or 0), int(picture.get("height") or 0)
    for data in side_data(picture):
        if data.get("side_data_type") == "Frame Cropping":
            width -= int(data.get("crop_left") or 0) + int(data.get("crop_right") or 0)
            height -= int(data.get("crop_top") or 0) + int(data.get("crop_bottom") or 0)
    aspect = picture.get("sample_aspect_ratio", "")
    shapes: list[Shape] = []
    if picture_sizes.may_vary(report, picture):
        shapes = picture_sizes.shapes(picture_sizes.read_sizes(source, picture), end or 0.0)
    aspects: dict[tuple[int, int], Fraction] = {}
    reshaped = False
    for shape in shapes:  # longest first: of a size in two shapes, that one is kept
        own = pixel_aspect(shape.aspect)
        kept = aspects.setdefault(shape[:2], own)
        reshaped = reshaped or abs(own / kept - 1) > VISIBLE_STRETCH
    if len(shapes) > 1:
        width, height, aspect = shapes[0]
    decoder = ALPHA_DECODERS.get(picture.get("codec_name", ""), "")
    beside = bool(decoder) and has_alpha_beside(picture)
    return {
        **picture,
        "width": max(0, width),
        "height": max(0, height),
        "sample_aspect_ratio": aspect,
        "varies": len(aspects) > 1,
        "aspects": aspects,
        "reshaped": reshaped,
        "decoder": decoder if beside else "",
        "turn": rotation_of(picture) or rotation_of_first_frame(source, report, picture),
    }


def pixel_aspect(text: str) -> Fraction:
    """A sample aspect ratio (ffprobe's `64:45`); 1 where it is unknown or not plausible."""
    aspect = parse_ratio(text.replace(":", "/")) or Fraction(1)
    return aspect if 1 / MAX_ASPECT <= aspect <= MAX_ASPECT else Fraction(1)


def stretched_sizes(
    aspects: Mapping[tuple[int, int], Fraction], rotation: int
) -> tuple[tuple[int, int, float], ...]:
    """(width, height, aspect ratio) of the sizes whose pixels are not square, after the rotation;
    at most MAX_STRETCHED_SIZES."""
    found = [
        (height, width, float(1 / aspect))
        if rotation in {90, 270}
        else (width, height, float(aspect))
        for (width, height), aspect in aspects.items()
        if not is_square(aspect)
    ]
    return tuple(found[:MAX_STRETCHED_SIZES])
