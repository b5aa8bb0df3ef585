"""Every screen of ours as one of its roles: axe finds nothing, and no long title makes it wide.

`tests/studio/screens.py` says which screens there are and who opens them.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from studio.people.roles import Role
from tests.e2e.running import ROOT, Studio, prepared, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(900)]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = (1440, 900), (390, 844)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What depends on the theme: the rest is asked in the light one alone
OF_COLOURS = ["color-contrast", "link-in-text-block"]

# Colours that are on their way from one theme to the other are nobody's choice
STILL = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before, ::after { transition: none !important }");
    document.adoptedStyleSheets.push(sheet);
}"""

# A world with one of everything, its titles as long as they may be; which screens show a page.
# What differs between roles is looked at as each of them, the rest as the first.
MAKE = """
import json
from urllib.parse import urlsplit
from django.conf import settings
from django.test import Client
from studio.people.roles import Role
from tests.studio.screens import LETTERS, SCREENS, World
from videos.audience.models import Company, Contact
from videos.deals.models import Deal
from videos.planning.models import Expert, Question, Resource, Video
from videos.review.models import Comment
from wagtail.models import Page

LONG = "W" * 255
world = World.make()
Video.objects.update(title=LONG, summary=LONG)
Page.objects.filter(depth=3).update(title=LONG, draft_title=LONG)
Question.objects.update(text=LONG, heard_at=LONG[:200])
Company.objects.update(name=LONG[: Company._meta.get_field("name").max_length])
Contact.objects.update(name=LONG[: Contact._meta.get_field("name").max_length])
Deal.objects.update(name=LONG[: Deal._meta.get_field("name").max_length])
Expert.objects.update(topics=LONG[: Expert._meta.get_field("topics").max_length])
Comment.objects.update(text=LONG)

letters = {letter: role for role, letter in LETTERS.items()}
host = urlsplit(settings.BASE_URL).netloc
shown = {role.value: {} for role in Role}
differ = {"wagtailadmin_home", "planning_videos:inspect", "deals_influence"}
for name, screen in SCREENS.items():
    if screen.post or name.endswith("_results"):
        continue
    if name == "desk_setting":  # Wagtail's form, whose editor of rich text has no name for axe
        continue
    for letter in screen.roles if name in differ else screen.roles[:1]:
        role = letters[letter]
        client, url = Client(headers={"host": host}), screen.url(name, world)
        client.force_login(world.users[role])
        answer = client.get(url)
        is_page = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if is_page and not answer.streaming and b"<html" in answer.content:
            shown[role.value][name] = url
emails = {role.value: user.email for role, user in world.users.items()}
print(json.dumps({"screens": shown, "emails": emails}))
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio of its own: others count what is in theirs."""
    with running(prepared(tmp_path_factory.mktemp("screens"))) as studio:
        yield studio


@pytest.fixture(scope="module")
def world(studio: Studio) -> Any:
    """The screens of each role, by name, and its user's address."""
    return json.loads(studio.run(MAKE))


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        pytest.fail(f"No {AXE.relative_to(ROOT)}: run `make setup`.")
    return AXE.read_text()


def violations(page: Page, axe: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds on a page: its rule, and where."""
    kind, values = ("rule", rules) if rules else ("tag", WCAG)
    page.evaluate(axe)
    found = page.evaluate(
        "options => axe.run(document, options)",
        {"runOnly": {"type": kind, "values": values}, "resultTypes": ["violations"]},
    )
    return [
        f"{violation['id']}: {node['target']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """How far a page scrolls sideways, if it does."""
    wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


def cramped(page: Page) -> list[str]:
    """Titles in lists that have no room for a word."""
    wide = "[...document.querySelectorAll('td.title')].map(cell => cell.clientWidth)"
    return [f"a title in {width} px" for width in page.evaluate(wide) if 0 < width < 100]


def looked_at(page: Page, axe: str) -> list[str]:
    """What is wrong with an open page: on a desktop and a phone, light and dark."""
    wrong = []
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found = violations(page, axe, OF_COLOURS if theme == "dark" else None)
            wrong += [f"{width} px, {theme}: {text}" for text in found]
        wrong += [f"{width} px: {text}" for text in [*too_wide(page), *cramped(page)]]
    return wrong


@pytest.mark.parametrize("role", sorted(Role))
def test_axe_finds_nothing_and_nothing_is_too_wide(role, world, axe, sign_in, troubles):
    page = sign_in(world["emails"][role])
    wrong: dict[str, list[str]] = {}  # what is wrong, and on which screens
    for name, url in sorted(world["screens"][role].items()):
        page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(url)
        page.evaluate(STILL)
        for text in looked_at(page, axe):
            wrong.setdefault(text, []).append(name)
    troubles.clear()  # the world's films have no files
    assert world["screens"][role]
    assert not wrong, "\n".join(f"{text} ({', '.join(on)})" for text, on in wrong.items())


def test_every_page_is_looked_at(world):
    """A row that shows a page to nobody would pass unseen."""
    looked = {name for screens in world["screens"].values() for name in screens}
    assert {
        "wagtailadmin_home",
        "planning_videos:inspect",
        "review_cuts:cut",
        "deals_influence",
    } <= looked
    assert len(looked) > 60
