"""No page asks the database once for each row: ten of everything, and then a hundred.

Every screen of the table in `screens.py` is asked, so that a new list cannot be forgotten, as the
role that sees most of it: of a superuser nobody asks which rows they may see. With them go the
home page of every role, spreadsheets, the panels of a video's page, and what visitors are shown.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from studio.people.roles import Role
from tests.conftest import FormClient
from tests.factories import UserFactory
from tests.studio.crowd import Crowd
from tests.studio.screens import LETTERS, SCREENS, World
from videos.planning.admin.panels import panels_for

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

FEW, MANY = 10, 100
# Who sees most comes first.
ROLES = (Role.SALES_MANAGER, Role.PRODUCER, Role.FINANCE, *Role)
# What is asked for in another way than a page, and answers that it is
NO_PAGES = {
    "media_upload": 400,
    "media_upload#not on camera": 400,
    "media_tus_upload": 412,
    "media_parts": 409,
    "publishing_retire": 302,
    "media_remove#uploaded by somebody else": 302,
    "budgets_estimate_form": 302,
    "share link": 302,
}
if settings.S3_BUCKET:  # downloads are redirected to the bucket
    DOWNLOADS = ("media_source", "review_cuts:download")
    NO_PAGES |= {name: 302 for name in SCREENS if name.partition("#")[0] in DOWNLOADS}
# Pages of Wagtail's that list rows of ours
WAGTAILS = (
    "wagtailadmin_explore_root",
    "wagtailadmin_pages:search",
    "wagtailadmin_reports:site_history",
    "wagtailadmin_reports:aging_pages",
    "wagtailusers_groups:index",
    "wagtailusers_users:index",
)


@dataclass(frozen=True)
class Asked:
    """One address, and who asks for it; None is an administrator."""

    url: str
    role: Role | None = None
    signed_in: bool = True


def pages(world: World) -> dict[str, Asked]:
    """All that is shown of the studio's rows, by a name for it."""
    screens = {
        name: Asked(screen.url(name, world), who_sees_most(screen.roles))
        for name, screen in SCREENS.items()
        if not screen.post
    }
    spreadsheets = {
        f"{name}, as {kind}": Asked(f"{asked.url}?export={kind}", asked.role)
        for name, asked in screens.items()
        if is_exported(asked.url)
        for kind in ("csv", "xlsx")
    }
    homes = {f"home of {role}": Asked(reverse("wagtailadmin_home"), role) for role in Role}
    wagtails = {name: Asked(reverse(name)) for name in WAGTAILS}
    index = world.page.get_parent()
    of_pages = {
        f"{name} of the {page.title}": Asked(reverse(name, args=[page.pk]))
        for name in (
            "wagtailadmin_explore",
            "wagtailadmin_pages:edit",
            "wagtailadmin_pages:history",
        )
        for page in (world.page, index)
    }
    public = {
        "front page": Asked(index.url, signed_in=False),
        "second page": Asked(f"{index.url}?page=2", signed_in=False),
        "public page": Asked(world.public.page.url, signed_in=False),
        "site map": Asked(reverse("sitemap"), signed_in=False),
        "share link": Asked(world.public.share_links.all()[0].get_absolute_url(), signed_in=False),
    }
    return {**screens, **spreadsheets, **homes, **wagtails, **of_pages, **public}


def panels(world: World, client: Client) -> Iterator[tuple[str, Asked]]:
    """The panels of the pages of some videos."""
    for name, video in {
        "one in review": world.video,
        "one on its page": world.page.video,
        "one that is watched": world.public,
    }.items():
        request = client.get(reverse("planning_videos:inspect", args=[video.pk])).wsgi_request
        for panel in panels_for(request, video):
            url = reverse("planning_video_panel", args=[video.pk, panel.anchor])
            yield f"panel {panel.anchor} of {name}", Asked(url)


def who_sees_most(roles: str) -> Role | None:
    return next((role for role in ROLES if LETTERS[role] in roles), None)


def is_exported(url: str) -> bool:
    """Whether a list can be taken home as a spreadsheet."""
    found = resolve(url.partition("?")[0]).func
    view, given = getattr(found, "view_class", None), getattr(found, "view_initkwargs", {})
    return bool(given.get("list_export") or getattr(view, "list_export", None))


class Visits:
    """Asks for pages, as whoever is to see them, and counts the queries of each."""

    def __init__(self, world: World) -> None:
        self.clients = {role: FormClient() for role in Role}
        for role, client in self.clients.items():
            client.force_login(world.users[role])
        self.administrator = FormClient()
        self.administrator.force_login(UserFactory(is_superuser=True))
        self.visitor = Client()

    def client(self, asked: Asked) -> Client:
        if not asked.signed_in:
            return self.visitor
        return self.clients[asked.role] if asked.role else self.administrator

    def queries(self, name: str, asked: Asked) -> list[str]:
        """What a page asks the database, without the values."""
        with CaptureQueriesContext(connection) as captured:
            answer = self.client(asked).get(asked.url)
            if answer.streaming:
                b"".join(answer.streaming_content)
        assert (name, answer.status_code) == (name, NO_PAGES.get(name, 200))
        asked_of_rows = (query["sql"] for query in captured if "studio_cache" not in query["sql"])
        return [without_values(sql) for sql in asked_of_rows]


def without_values(sql: str) -> str:
    return re.sub(r"\b\d+\b", "N", re.sub(r"'[^']*'", "'…'", sql))


def more(few: list[str], many: list[str]) -> str:
    """What is asked more often for many rows than for few."""
    often = Counter(many)
    often.subtract(Counter(few))
    told = [f"{times} × {sql[:300]}" for sql, times in often.most_common(2)]
    return "\n".join([f"{len(few)} queries for few, {len(many)} for many", *told])


def test_no_page_asks_the_database_once_for_each_row():
    world = World.make()
    crowd = Crowd(world)
    crowd.add(FEW)
    visits = Visits(world)
    asked = pages(world) | dict(panels(world, visits.administrator))
    few = {name: visits.queries(name, one) for name, one in asked.items()}
    crowd.add(MANY - FEW)
    many = {name: visits.queries(name, one) for name, one in asked.items()}
    assert {
        name: more(few[name], many[name]) for name in asked if len(many[name]) > len(few[name])
    } == {}
