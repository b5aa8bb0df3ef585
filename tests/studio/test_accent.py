"""The admin has one accent colour, named in one place; the player in it has the same."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOMS = [Path(settings.BASE_DIR) / name for name in ("studio", "videos", "budgets")]
SHEETS = sorted(
    path.relative_to(settings.BASE_DIR) for room in ROOMS for path in room.rglob("static/**/*.css")
)
HOME = Path("studio/ui/static/ui/admin.css")
PUBLIC = re.compile(r"publishing/site|audience/public|publishing/player")
ACCENTS = re.compile(
    r"--w-color-(?:primary|secondary|icon-primary|icon-secondary|surface-button|text-button"
    r"|text-link|info)[a-z0-9-]*"
)
LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|\brgb\(|\bhsl\(", re.IGNORECASE)


@pytest.mark.parametrize("sheet", SHEETS, ids=str)
def test_no_style_sheet_names_an_accent_of_its_own(sheet):
    text = (Path(settings.BASE_DIR) / sheet).read_text()
    if sheet == HOME:
        assert {"--accent:", "--accent-text:", "--accent-line:"} <= set(text.split())
        return
    if PUBLIC.search(sheet.as_posix()):
        assert "--w-color" not in text
        return
    assert ACCENTS.findall(text) == []
    masks = re.sub(r"mask-image:[^;]*;", "", text)  # their black is no colour
    assert LITERAL.findall(masks) == []


def test_the_player_takes_the_accent_of_where_it_is_shown():
    player = (ROOMS[1] / "publishing/static/publishing/player.css").read_text()
    assert "--player-accent: var(--accent," in player
    assert "--player-accent-text: var(--accent-text," in player
