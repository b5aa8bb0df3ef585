"""The accent colour of the site, adjusted to be readable in light and dark mode."""

import re
from typing import NamedTuple

READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text, as a ratio to 1
PAPER = "#ffffff"
NIGHT = "#14171c"  # the page's background in dark mode, see site.css

HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


class Palette(NamedTuple):
    """The accent and the text that stands on it, for light and for dark pages."""

    accent: str
    on_accent: str
    accent_dark: str
    on_accent_dark: str


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of “#rrggbb”, 0 to 255. Raises ValueError for anything else."""
    if not HEX.fullmatch(colour):
        raise ValueError(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def towards_white(colour: str, percent: int) -> str:
    """The colour mixed with this percentage of white."""
    mixed = [channel + (255 - channel) * percent // 100 for channel in channels(colour)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def palette(accent: str) -> Palette:
    """The colours of the site. In dark mode the accent is lightened until it is readable."""
    lighter = (towards_white(accent, percent) for percent in range(0, 101, 5))
    dark = next(shade for shade in lighter if contrast(shade, NIGHT) >= READABLE)
    return Palette(accent, readable_on(accent), dark, readable_on(dark))


def readable_on(colour: str) -> str:
    """White or near-black, whichever reads better on a colour."""
    return max(PAPER, NIGHT, key=lambda text: contrast(text, colour))
