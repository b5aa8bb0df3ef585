"""Pictures that are drawn for the measurements: what is on a screen, and textures.

They are drawn in code, by a seed, so that other clips of the same kind can be made.
"""

from collections.abc import Iterator
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WORDS = ("budget", "buyer", "camera", "contact", "deal", "editor", "estimate", "film", "invoice")
LENS = 0.28  # periods a pixel of which a lens lets a third through
INK, PAPER, DESKTOP, ACCENT = (36, 41, 47), (252, 252, 250), (46, 82, 102), (9, 105, 218)


def texture(width: int, height: int, seed: int, slope: float = 1.2) -> Image.Image:
    """A still picture as detailed as nature: its spectrum falls by frequency to the `slope`, and
    a lens is as sharp as lenses are. Colours change less than brightness does."""
    random = np.random.default_rng(seed)
    across, down = np.fft.rfftfreq(width), np.fft.fftfreq(height)
    frequency = np.hypot(across[None, :], down[:, None])
    frequency[0, 0] = 1
    layers = []
    for part in (1.0, 0.2, 0.2):
        waves = np.exp(2j * np.pi * random.random(frequency.shape)) / frequency**slope
        waves *= np.exp(-((frequency / LENS) ** 2))
        waves[0, 0] = 0
        field = np.fft.irfft2(waves, s=(height, width))
        layers.append(128 + 44 * part * field / field.std())
    bright, blue, red = layers
    seen = np.stack([bright, blue, red], axis=-1).clip(16, 235).astype(np.uint8)
    return Image.fromarray(seen, "YCbCr").convert("RGB")


def page_of_text(width: int, height: int, seed: int) -> Image.Image:
    """A page of headings, paragraphs and a table, as an office program shows it."""
    random, font = Random(seed), ImageFont.load_default(17)
    heading = ImageFont.load_default(27)
    page = Image.new("RGB", (width, height), PAPER)
    pen, y = ImageDraw.Draw(page), 20
    while y < height - 40:
        if random.random() < 0.12:
            pen.text((24, y + 8), " ".join(random.sample(WORDS, 3)).title(), ACCENT, heading)
            y += 48
        elif random.random() < 0.15:
            for column in range(5):
                x = 24 + column * (width - 48) // 5
                pen.rectangle((x, y, x + (width - 48) // 5, y + 26), outline=(200, 200, 200))
                pen.text((x + 8, y + 4), f"{random.randrange(10**6):,}", INK, font)
            y += 26
        else:
            words = random.choices(WORDS, k=max(3, width // 75))
            pen.text((24, y), " ".join(words), INK, font)
            y += 25
    return page


def screen(width: int, height: int, pictures: int, seed: int) -> Iterator[Image.Image]:
    """A recording of a screen: reading, scrolling, a window that is dragged, and the pointer."""
    inner, tall = width * 5 // 8, height * 8
    page, other = page_of_text(inner, tall, seed), page_of_text(width // 3, height // 2, seed + 1)
    scroll, x, y = 0.0, width * 0.4, height * 0.4
    for number in range(pictures):
        second = number / 30
        if second % 4 > 2.5:  # read, then scroll on
            scroll += 9 * np.sin((second % 4 - 2.5) / 1.5 * np.pi) + 1
        desk = Image.new("RGB", (width, height), DESKTOP)
        desk.paste(page.crop((0, int(scroll), inner, int(scroll) + height - 120)), (60, 80))
        if second % 4 < 1:
            x += 7 * np.sin(second * 2)
            y += 3 * np.cos(second * 3)
        left, top = int(x), int(y)
        pen = ImageDraw.Draw(desk)
        pen.rectangle((60, 44, 60 + inner, 80), fill=(222, 224, 227))
        pen.rectangle(
            (left - 1, top - 33, left + other.width, top + other.height), fill=(180, 184, 190)
        )
        desk.paste(other, (left, top))
        tip = (left + 90 + int(20 * np.sin(second)), top - 14)
        pen.polygon([tip, (tip[0], tip[1] + 20), (tip[0] + 13, tip[1] + 14)], "white", "black")
        yield desk
