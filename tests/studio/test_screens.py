"""Who sees and does what: every staff screen of ours × every role.

`tests/studio/screens.py` holds the table. A screen without a row fails the first test, so that
nothing is forgotten; a row without a screen fails it too.
"""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from wagtail import hooks
from wagtail.admin.menu import admin_menu
from wagtail.admin.viewsets.base import ViewSetGroup

from studio.people.roles import Role
from tests.conftest import FormClient
from tests.factories import UserFactory
from tests.studio.screens import LETTERS, MENUS, SCREENS, World

pytestmark = pytest.mark.django_db

OURS = ("studio.", "videos.", "budgets.")
PEOPLE = ["nobody", "no role", *Role.values, "superuser"]
# What reading may write: the session, and that somebody has a page open
MAY_WRITE = ("django_session", "wagtailcore_editingsession", "studio_cache", "SAVEPOINT")
# What takes something home, which is on record
DOWNLOADS = ("media_source", "review_cuts:download", "deals_imports:bad_rows")


def names(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The full names of all addresses under some patterns."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from names(pattern.url_patterns, inner)
        else:
            yield ":".join([*spaces, pattern.name or str(pattern.pattern)])


def our_namespaces() -> set[str]:
    """The namespaces of the viewsets that our rooms register."""
    spaces = set()
    for register in hooks.get_hooks("register_admin_viewset"):
        if register.__module__.startswith(OURS):
            made = register()
            for viewset in made if isinstance(made, list | tuple) else [made]:
                parts = viewset.registerables if isinstance(viewset, ViewSetGroup) else [viewset]
                spaces |= {part.url_namespace for part in parts}
    return spaces


def our_screens() -> set[str]:
    """The names of all admin addresses that our rooms register."""
    spaces = our_namespaces()
    found = {
        name
        for name in names(get_resolver().url_patterns)
        if name.partition(":")[0] in spaces
        or name.startswith(("wagtailsnippets_planning", "wagtailsnippets_media"))
    }
    for register in hooks.get_hooks("register_admin_urls"):
        if register.__module__.startswith(OURS):
            found |= set(names(register() or []))
    return found


def outcome(response: HttpResponse) -> str:
    """What became of a request, in one word."""
    where = response.headers.get("Location", "")
    if response.status_code == 302 and where.startswith(reverse("wagtailadmin_login")):
        return "sign in"
    if response.status_code in {403, 404}:
        return "refused"
    if response.status_code == 302 and where == reverse("wagtailadmin_home"):
        return "refused"
    if response.status_code == 405:
        return "post only"
    if response.status_code >= 500:
        return "broken"
    return "open"


@pytest.fixture
def world() -> World:
    return World.make()


def client_of(who: str, world: World) -> Client:
    client = FormClient(raise_request_exception=False)
    if who == "superuser":
        client.force_login(UserFactory(is_superuser=True))
    elif who == "no role":
        client.force_login(UserFactory())
    elif who != "nobody":
        client.force_login(world.users[Role(who)])
    return client


def expected(who: str, roles: str) -> str:
    if who in {"nobody", "no role"}:
        return "sign in"
    is_open = who == "superuser" or LETTERS[Role(who)] in roles
    return "open" if is_open else "refused"


def test_every_screen_has_a_row_and_every_row_a_screen():
    assert sorted(our_screens()) == sorted(
        {name.partition("#")[0] for name in SCREENS} - {"wagtailadmin_home"}
    )


def post(client: Client, name: str, world: World) -> str:
    """What becomes of a POST, which is then undone."""
    screen = SCREENS[name]
    with transaction.atomic():
        done = outcome(client.post(screen.url(name, world), screen.data(world)))
        transaction.set_rollback(True)
    return done


def unlike(seen: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    """Where the two differ, in words."""
    return {
        name: f"{seen[name]}, not {wanted[name]}" for name in wanted if seen[name] != wanted[name]
    }


@pytest.mark.parametrize("who", PEOPLE)
def test_each_role_sees_its_screens_and_no_other(who, world):
    client = client_of(who, world)
    shown = {name: screen for name, screen in SCREENS.items() if not screen.post}
    seen = {name: outcome(client.get(screen.url(name, world))) for name, screen in shown.items()}
    wanted = {name: expected(who, screen.roles) for name, screen in shown.items()}
    assert unlike(seen, wanted) == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_each_role_does_what_it_may_and_nothing_else(who, world):
    client = client_of(who, world)
    acts = {name: screen for name, screen in SCREENS.items() if screen.post}
    done = {name: post(client, name, world) for name in acts}
    wanted = {name: expected(who, screen.roles) for name, screen in acts.items()}
    assert unlike(done, wanted) == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_what_a_role_may_not_see_it_cannot_send_either(who, world):
    client = client_of(who, world)
    closed = [name for name, screen in SCREENS.items() if expected(who, screen.roles) != "open"]
    assert [name for name in closed if post(client, name, world) == "open"] == []


def test_what_acts_is_not_done_by_looking(world):
    client = client_of("superuser", world)
    acts = [name for name, screen in SCREENS.items() if screen.post]
    looked = {name: outcome(client.get(SCREENS[name].url(name, world))) for name in acts}
    assert looked == dict.fromkeys(acts, "post only")


def test_looking_changes_nothing(world):
    client = client_of("superuser", world)
    written = {}
    for name, screen in SCREENS.items():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(screen.url(name, world))
        takes_home = name.partition("#")[0] in DOWNLOADS
        may_write = (*MAY_WRITE, "wagtailcore_modellogentry") if takes_home else MAY_WRITE
        written[name] = [
            query["sql"]
            for query in queries.captured_queries
            if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
            and not any(table in query["sql"] for table in may_write)
        ]
    assert {name: sql for name, sql in written.items() if sql} == {}


@pytest.mark.parametrize("role", Role)
def test_the_menu_holds_what_a_role_may_open(role, world, rf):
    request = rf.get("/admin/")
    request.user = world.users[role]
    items = sorted(admin_menu.menu_items_for_request(request), key=lambda item: item.order)
    assert [str(item.label) for item in items] == MENUS[role]
