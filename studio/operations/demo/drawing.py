"""Draws the demo's footage, one frame at a time: title cards with moving charts.

All positions are pixels of a 1280 × 720 frame; all times are seconds of the clip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, RATE = 1280, 720, 25
FADE = 0.45  # seconds in which a card comes and goes
MARGIN = 88
CARD = (640, 132, 552, 408)  # x, y, width, height of the chart's card

PINE, DEEP, PANEL = (17, 48, 52), (9, 27, 32), (24, 62, 66)
CREAM, MUTED, AMBER, TEAL = (246, 240, 228), (150, 182, 180), (245, 166, 66), (92, 190, 178)


@dataclass(frozen=True)
class Bars:
    """Bars that grow, each with its number above and its name below: true at every moment."""

    names: tuple[str, ...]
    values: tuple[float, ...]
    unit: str


@dataclass(frozen=True)
class Curve:
    """A line that is drawn from left to right, named at its end; `values` from 0 to 1."""

    values: tuple[float, ...]
    start: str
    end: str
    name: str


@dataclass(frozen=True)
class Dial:
    """A ring that fills to a share of its whole, with a number in its middle."""

    share: float
    number: int
    unit: str
    name: str


@dataclass(frozen=True)
class Loop:
    """Stations in a circle with drops that travel round, as heat does in a heat pump."""

    stations: tuple[str, ...]


Chart = Bars | Curve | Dial | Loop


@dataclass(frozen=True)
class Scene:
    """One card: what is shown and what is said while it stands."""

    seconds: float
    kicker: str
    headline: str
    said: str
    chart: Chart


@dataclass(frozen=True)
class Clip:
    """One piece of footage: its cards, and who speaks."""

    speaker: str
    role: str
    brand: str
    scenes: tuple[Scene, ...]

    @property
    def seconds(self) -> float:
        return sum(scene.seconds for scene in self.scenes)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface that comes with Pillow, at a size in pixels."""
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return found


def eased(share: float) -> float:
    """From 0 to 1 with a soft landing."""
    return 1 - (1 - min(max(share, 0.0), 1.0)) ** 3


def wrapped(text: str, size: int, width: int) -> list[str]:
    """The text in lines no wider than `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font(size).getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@cache
def background() -> Image.Image:
    """A quiet gradient, darker towards the foot."""
    column = Image.new("RGB", (1, HEIGHT))
    for y in range(HEIGHT):
        share = y / HEIGHT
        column.putpixel(
            (0, y), tuple(round(a + (b - a) * share) for a, b in zip(PINE, DEEP, strict=True))
        )
    return column.resize((WIDTH, HEIGHT))


@cache
def words(scene: Scene) -> Image.Image:
    """Kicker and headline of a card, on nothing."""
    layer = Image.new("RGBA", (CARD[0] - MARGIN - 32, CARD[3]), (*PINE, 0))
    draw = ImageDraw.Draw(layer)
    draw.text((0, 0), scene.kicker.upper(), AMBER, font(22), stroke_width=0.4)
    y = 52
    for line in wrapped(scene.headline, 58, layer.width):
        draw.text((0, y), line, CREAM, font(58), stroke_width=0.8)
        y += 70
    return layer


@cache
def card_mask() -> Image.Image:
    """The round corners of a chart's card."""
    mask = Image.new("L", (CARD[2] * 2, CARD[3] * 2), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, CARD[2] * 2 - 1, CARD[3] * 2 - 1), 48, 255)
    return mask.reduce(2)


def centred(
    draw: ImageDraw.ImageDraw, x: float, y: float, text: str, colour: tuple, size: int
) -> None:
    """Text around a point."""
    draw.text((x, y), text, colour, font(size), anchor="mm", stroke_width=0.5)


def draw_bars(draw: ImageDraw.ImageDraw, bars: Bars, clock: float) -> None:
    """Bars that grow one after the other."""
    floor, tall = 660, 470
    step = CARD[2] * 2 / len(bars.values)
    for number, value in enumerate(bars.values):
        grown = eased((clock - 0.1 - number * 0.1) / 0.6)
        left = step * number + step * 0.22
        top = floor - tall * value / max(bars.values) * grown
        colour = AMBER if number == len(bars.values) - 1 else TEAL
        draw.rounded_rectangle((left, min(top, floor - 8), left + step * 0.56, floor), 14, colour)
        middle = left + step * 0.28
        centred(draw, middle, top - 40, f"{value:.0f} {bars.unit}".strip(), CREAM, 46)
        centred(draw, middle, floor + 62, bars.names[number], MUTED, 38)


def draw_curve(draw: ImageDraw.ImageDraw, curve: Curve, clock: float) -> None:
    """A line that is drawn from left to right."""
    left, right, top, floor = 90, CARD[2] * 2 - 90, 190, 620
    for level in range(4):
        y = floor - (floor - top) * level / 3
        draw.line((left, y, right, y), (44, 86, 90), 3)
    points = [
        (left + (right - left) * i / (len(curve.values) - 1), floor - (floor - top) * value)
        for i, value in enumerate(curve.values)
    ]
    reached = eased((clock - 0.2) / 1.4) * (len(points) - 1)
    whole = int(reached)
    drawn = points[: whole + 1]
    if whole < len(points) - 1:
        (x0, y0), (x1, y1) = points[whole], points[whole + 1]
        drawn.append((x0 + (x1 - x0) * (reached - whole), y0 + (y1 - y0) * (reached - whole)))
    if len(drawn) > 1:
        draw.line(drawn, AMBER, 14, joint="curve")
    x, y = drawn[-1]
    pulse = 20 + 4 * math.sin(clock * 4)
    draw.ellipse((x - pulse, y - pulse, x + pulse, y + pulse), CREAM)
    draw.text((left, floor + 40), curve.start, MUTED, font(38))
    draw.text((right, floor + 40), curve.end, MUTED, font(38), anchor="ra")
    draw.text((left, 80), curve.name, CREAM, font(46), stroke_width=0.5)


def draw_dial(draw: ImageDraw.ImageDraw, dial: Dial, clock: float) -> None:
    """A ring that fills round its number."""
    x, y, radius = CARD[2], 350, 270
    box = (x - radius, y - radius, x + radius, y + radius)
    filled = eased((clock - 0.2) / 0.9)
    draw.arc(box, 0, 360, (44, 86, 90), 44)
    draw.arc(box, -90, -90 + 360 * dial.share * filled, AMBER, 44)
    centred(draw, x, y - 14, f"{dial.number}", CREAM, 150)
    centred(draw, x, y + 96, dial.unit, MUTED, 44)
    centred(draw, x, 716, dial.name, CREAM, 44)


def draw_loop(draw: ImageDraw.ImageDraw, loop: Loop, clock: float) -> None:
    """Stations that appear while drops travel round."""
    x, y, radius = CARD[2], CARD[3], 250
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(44, 86, 90), width=10)
    for drop in range(18):
        angle = math.tau * (drop / 18 + clock / 9)
        warm = (1 + math.sin(angle)) / 2
        colour = tuple(round(a + (b - a) * warm) for a, b in zip(TEAL, AMBER, strict=True))
        dx, dy = radius * math.cos(angle), radius * math.sin(angle)
        draw.ellipse((x + dx - 15, y + dy - 15, x + dx + 15, y + dy + 15), colour)
    for number, station in enumerate(loop.stations):
        angle = math.tau * number / len(loop.stations) - math.pi / 2
        shown = eased((clock - 0.2 - number * 0.2) / 0.5)
        sx, sy = x + radius * 1.2 * math.cos(angle), y + radius * math.sin(angle)
        half = font(40).getlength(station) / 2 + 30
        tone = tuple(round(a + (b - a) * shown) for a, b in zip(PANEL, DEEP, strict=True))
        ink = tuple(round(a + (b - a) * shown) for a, b in zip(PANEL, CREAM, strict=True))
        draw.rounded_rectangle((sx - half, sy - 44, sx + half, sy + 44), 40, tone)
        centred(draw, sx, sy, station, ink, 40)


DRAWERS = {Bars: draw_bars, Curve: draw_curve, Dial: draw_dial, Loop: draw_loop}


def card(chart: Chart, clock: float) -> Image.Image:
    """A chart as it stands `clock` seconds after its card came, drawn at twice its size."""
    image = Image.new("RGB", (CARD[2] * 2, CARD[3] * 2), PANEL)
    DRAWERS[type(chart)](ImageDraw.Draw(image), chart, clock)  # type: ignore[operator]
    return image.reduce(2)


@cache
def foot(clip: Clip) -> Image.Image:
    """Who speaks: the same under every card."""
    layer = background().crop((0, 580, WIDTH, HEIGHT))
    draw = ImageDraw.Draw(layer)
    draw.ellipse((MARGIN, 16, MARGIN + 64, 80), TEAL)
    initials = "".join(name[0] for name in clip.speaker.split()[:2])
    centred(draw, MARGIN + 32, 48, initials, DEEP, 26)
    draw.text((MARGIN + 84, 18), clip.speaker, CREAM, font(28), stroke_width=0.4)
    draw.text((MARGIN + 84, 54), clip.role, MUTED, font(22))
    return layer


def draw_head(image: Image.Image, clip: Clip, scene: Scene, clock: float) -> None:
    """For whom, and a mark for each card: the one that stands fills up."""
    draw = ImageDraw.Draw(image)
    draw.text((WIDTH - MARGIN, 62), clip.brand, CREAM, font(26), anchor="rm", stroke_width=0.4)
    x = MARGIN
    for other in clip.scenes:
        long = 88 if other is scene else 28
        draw.rounded_rectangle((x, 58, x + long, 66), 4, (44, 86, 90))
        if other is scene:
            filled = 8 + 80 * min(clock / scene.seconds, 1)
            draw.rounded_rectangle((x, 58, x + filled, 66), 4, AMBER)
        x += long + 12


def scene_at(clip: Clip, time: float) -> tuple[Scene, float]:
    """The card that stands at a time, and since how many seconds."""
    for scene in clip.scenes:
        if time < scene.seconds:
            return scene, time
        time -= scene.seconds
    return clip.scenes[-1], clip.scenes[-1].seconds


def frame(clip: Clip, time: float) -> Image.Image:
    """The picture at a time."""
    scene, clock = scene_at(clip, time)
    shown = eased(clock / FADE) * eased((scene.seconds - clock) / FADE)
    image = background().copy()
    layer = words(scene)
    mask = layer.getchannel("A").point(lambda level: int(level * shown))
    image.paste(layer, (MARGIN, CARD[1] + 12 + round(18 * (1 - eased(clock / FADE)))), mask)
    mask = card_mask().point(lambda level: int(level * shown))
    image.paste(card(scene.chart, clock), CARD[:2], mask)
    image.paste(foot(clip), (0, 580))
    draw_head(image, clip, scene, clock)
    return image
