"""Describes the source of a cut for the admin."""

from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from videos.media.jobs.audio_tracks import channels_in_words
from videos.media.timecodes import length

Row = tuple[str, str]


def source_summary(facts: dict[str, Any]) -> list[Row]:
    """(label, value) rows that describe a source. Unknown values are left out."""
    rows = [
        (_("Picture"), picture(facts)),
        (_("Length"), length(number(facts.get("seconds")))),
        (_("Frame rate"), frame_rate(facts)),
        (_("Colours"), colours(facts)),
        (_("Rotation"), rotation(facts.get("rotation"))),
        (_("Sound"), sound(facts)),
    ]
    return [(what, how) for what, how in rows if how]


def number(value: Any) -> float | None:
    """A number that JSON kept."""
    return float(value) if isinstance(value, int | float) else None


def picture(facts: dict[str, Any]) -> str:
    """How large it is, and whether it is interlaced."""
    if not facts.get("width") or not facts.get("height"):
        return ""
    size = f"{facts['width']} × {facts['height']}"
    if facts.get("interlaced"):
        return _("%(size)s, interlaced (converted to progressive)") % {"size": size}
    return size


def frame_rate(facts: dict[str, Any]) -> str:
    """The frame rate of the source, and of the renditions if it differs."""
    source, product = rate(facts.get("frame_rate")), rate(facts.get("constant_rate"))
    if source is None:
        return ""
    text = _("%(rate)s a second") % {"rate": rate_in_words(source)}
    if product is None or abs(source - product) <= product / 100:
        return text
    return _("%(source)s, shown at %(product)s") % {
        "source": text,
        "product": rate_in_words(product),
    }


def rate(text: Any) -> Fraction | None:
    """A rate as `30000/1001`."""
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return None


def rate_in_words(value: Fraction) -> str:
    """30, or 29.97."""
    whole = value.denominator == 1
    return number_format(float(value), decimal_pos=0 if whole else 2)


def colours(facts: dict[str, Any]) -> str:
    """HDR with its kind, or standard range."""
    light = {"pq": "PQ", "hlg": "HLG"}.get(str(facts.get("light")))
    if light:
        return _("HDR (%(kind)s), converted for standard screens") % {"kind": light}
    return _("Standard range") if facts.get("light") == "sdr" else ""


def rotation(degrees: Any) -> str:
    """The rotation; empty if there is none."""
    return _("Rotated by %(degrees)d°") % {"degrees": degrees} if degrees else ""


def sound(facts: dict[str, Any]) -> str:
    """The audio: channels, and the number of tracks."""
    if "width" not in facts:
        return ""
    heard, tracks = facts.get("sound"), facts.get("tracks") or []
    if not heard:
        return _("No sound")
    channels = capfirst(channels_in_words(int(heard.get("channels") or 0)))
    if len(tracks) < 2:
        return channels
    more = ngettext("one of %(n)d track", "one of %(n)d tracks", len(tracks)) % {"n": len(tracks)}
    return f"{channels}, {more}"
