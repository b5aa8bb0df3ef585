"""A public page stays light: 100 kB compressed before play, 200 kB with the player."""

import re
from io import BytesIO

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from PIL import Image, ImageDraw

from tests.videos.publishing.factories import live_page

pytestmark = pytest.mark.django_db

BEFORE_PLAY = 100_000  # bytes
WITH_PLAYER = 200_000


def picture() -> bytes:
    """A poster about as busy as somebody talking in an office."""
    image = Image.effect_noise((1280, 720), 14).convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    for step in range(40):
        shade = (step * 6, 90 + step * 3, 200 - step * 4, 140)
        draw.ellipse((step * 28, step * 9, step * 28 + 380, step * 9 + 300), fill=shade)
    made = BytesIO()
    image.save(made, "JPEG", quality=90)
    return made.getvalue()


def weight(client: Client, address: str) -> int:
    """What a browser downloads for an address: static files in Brotli, the rest as it is sent."""
    if address.startswith("/static/"):
        found = finders.find(address.removeprefix("/static/"))
        assert found, f"{address} is not built: run `npm run build`"
        with open(found, "rb") as file:
            return len(brotli.compress(file.read()))
    response = client.get(address)
    assert response.status_code == 200, address
    return len(b"".join(response) if response.streaming else response.content)


def loaded_at_once(html: str) -> list[str]:
    """The addresses that a page asks for by itself."""
    html = re.sub(r"<noscript>.*?</noscript>", "", html, flags=re.DOTALL)
    styles = re.findall(r'<link rel="(?:stylesheet|icon)"[^>]*href="([^"]+)"', html)
    scripts = re.findall(r'<script[^>]*src="([^"]+)"', html)
    pictures = re.findall(r'(?:<img src|poster)="([^"]+)"', html)
    return [*styles, *scripts, *pictures]


def test_a_public_page_weighs_at_most_100_kb_before_play_and_200_kb_with_the_player():
    pages = [live_page() for _ in range(4)]
    for page in pages:
        shown = page.playable_set
        storages["footage"].save(f"{shown.folder}/{shown.poster}", ContentFile(picture()))
    client = Client()
    html = client.get(pages[0].url).content
    parts = {address: weight(client, address) for address in loaded_at_once(html.decode())}
    before = len(html) + sum(parts.values())
    player = weight(client, "/static/player/player.js")

    assert len([address for address in parts if address.endswith(".webp")]) == 4
    assert before <= BEFORE_PLAY, parts
    assert before + player <= WITH_PLAYER, (before, player)


def test_the_player_waits_for_a_sign_that_someone_wants_to_watch():
    html = Client().get(live_page().url).content.decode()
    assert 'data-player="/static/player/player.js"' in html
    assert not [address for address in loaded_at_once(html) if "player.js" in address]
    assert 'preload="none"' in html
