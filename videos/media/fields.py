"""Whether pictures are made of two fields, shot one after the other: by what they show, for what
files say of it is often wrong. Progressive film comes flagged as interlaced from many cameras, and
interlaced footage comes without a flag from many exports."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

# Lines of a picture in the standards that know fields: of television as it was, in any codec, and
# of what came after in those of cameras and broadcast. A screen's fine lines can look like fields,
# so others are believed.
OLD_LINES, NEW_LINES = {480, 486, 512, 576, 608}, {1080, 1088}
OF_CAMERAS = {"mpeg2video", "dvvideo", "prores", "dnxhd"}
FASTEST_IN_FIELDS = Fraction(61, 2)
# How many pictures are looked at, and how many of them must show what they are
LOOKED_AT, ENOUGH = 100, 10
# Film on television has two combed pictures in five.
MOST_COMBED_OF_PROGRESSIVE, LEAST_COMBED_OF_INTERLACED = 0.05, 0.3
COUNT = re.compile(r"lavfi\.idet\.multiple\.(tff|bff|progressive)=([0-9.]+)")


class Seen(NamedTuple):
    """Pictures that show fields, and that show none; the others tell nothing."""

    combed: float
    whole: float


def seen(printed: str) -> Seen:
    """The counts of ffmpeg's `idet`, which prints sums after each picture."""
    last = {name: float(value) for name, value in COUNT.findall(printed)}
    return Seen(last.get("tff", 0) + last.get("bff", 0), last.get("progressive", 0))


def may_have_them(picture: Mapping[str, Any], rate: Fraction) -> bool:
    """Whether a picture of this kind is worth a look though nothing speaks of fields."""
    lines = picture.get("height")
    known = lines in OLD_LINES or (lines in NEW_LINES and picture.get("codec_name") in OF_CAMERAS)
    return known and rate <= FASTEST_IN_FIELDS


def are_interlaced(flagged: bool, pictures: Seen) -> bool:
    """Whether to join fields: by what the pictures show, else by their flag."""
    told = pictures.combed + pictures.whole
    if told < ENOUGH:
        return flagged
    share = pictures.combed / told
    return share > (MOST_COMBED_OF_PROGRESSIVE if flagged else LEAST_COMBED_OF_INTERLACED)
