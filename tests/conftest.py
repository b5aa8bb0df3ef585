"""Fixtures for every room: the roles, and clients signed in as them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import connection
from django.test import Client

from studio.once import keys
from studio.people.models import User
from studio.people.roles import Role
from tests.e2e.running import migrated
from tests.factories import UserFactory
from tests.queue import empty_queue
from tests.s3 import have_fields_follow, keep_footage
from videos.media.jobs import leases

# Examples have no deadline of their own: a busy machine would fail tests at random.
hypothesis.settings.register_profile("studio", deadline=None)
hypothesis.settings.load_profile("studio")

UNTOUCHED = "untouched"
# The longest tests: one that begins last leaves a core with nothing to do.
FIRST = ("tests/attack/", "tests/chaos/")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """On SQLite the tests' database is a copy of one that all processes of a run share."""
    if connection.vendor != "sqlite" or django_db_keepdb:
        return django_db_keepdb
    database = Path(connection.settings_dict["TEST"]["NAME"])
    for rest in database.parent.glob(f"{database.name}*"):
        rest.unlink()
    shutil.copyfile(migrated(), database)
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """On a server the tests' database is copied before the first test, for `untouched`."""
    if connection.vendor == "sqlite":
        yield
        return
    with django_db_blocker.unblock():
        connection.creation.clone_test_db(UNTOUCHED, verbosity=0)
    yield
    with django_db_blocker.unblock():
        connection.creation.destroy_test_db(suffix=UNTOUCHED, verbosity=0)


@pytest.fixture(scope="session")
def untouched(django_db_setup: None) -> str:
    """A migrated database without a row of any test, to be copied: its file, or its name."""
    if connection.vendor == "sqlite":
        return str(migrated())
    return str(connection.creation.get_test_db_clone_settings(UNTOUCHED)["NAME"])


@pytest.fixture(autouse=True)
def an_empty_queue() -> None:
    """Redis knows no transaction that a test could roll back."""
    if settings.REDIS_URL:
        empty_queue()


@pytest.fixture(autouse=True)
def limits_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a cache: each test counts for itself."""
    monkeypatch.setattr(caches["limits"], "key_prefix", uuid4().hex)


@pytest.fixture(autouse=True)
def a_storage_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither does a disk or a bucket: each test keeps its footage in a folder of its own."""
    name, storage = uuid4().hex, storages["footage"]
    have_fields_follow(monkeypatch)
    if settings.S3_BUCKET:
        monkeypatch.setattr(settings, "S3_PREFIX", f"tests/{name}")
        monkeypatch.setattr(storage, "location", f"tests/{name}/footage")
        yield
        return
    folder = settings.DATA_DIR / "footage" / name
    for place in ("base_location", "location"):  # both are looked up once
        monkeypatch.setitem(vars(storage), place, str(folder))
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def hearts_that_see(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test's transaction holds, no other connection sees: there no heart beats."""
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        monkeypatch.setattr(leases, "heartbeat_interval", lambda lease: 3600)


@pytest.fixture
def disk_footage(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The studio keeps its footage on this machine's disk for one test, wherever a run keeps it."""
    folder = tmp_path / "footage"
    settings.S3_BUCKET = ""
    options = {"location": folder, "base_url": None}
    backend = "django.core.files.storage.FileSystemStorage"
    keep_footage(settings, monkeypatch, backend, options)
    return folder


@pytest.fixture
def producer(db: None) -> User:
    return UserFactory(role=Role.PRODUCER)


@pytest.fixture
def expert_user(db: None) -> User:
    return UserFactory(role=Role.EXPERT)


@pytest.fixture
def sales_manager(db: None) -> User:
    return UserFactory(role=Role.SALES_MANAGER)


@pytest.fixture
def finance(db: None) -> User:
    return UserFactory(role=Role.FINANCE)


@pytest.fixture
def leader(db: None) -> User:
    return UserFactory(role=Role.LEADER)


class FormClient(Client):
    """Sends forms as a browser does: with the key that each shown form holds."""

    def post(self, path: str, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        user_id = self.session.get(SESSION_KEY)
        if (
            user_id
            and (data is None or isinstance(data, dict))
            and not (args or "content_type" in kwargs)
        ):
            data = {keys.FIELD: keys.fresh(int(user_id)), **(data or {})}
        return super().post(path, data, *args, **kwargs)


@pytest.fixture
def signed_in(db: None) -> Callable[[User | None], Client]:
    """`signed_in(user)` is a client with the user's session; None is a passer-by."""

    def client_of(user: User | None) -> Client:
        client = FormClient()
        if user:
            client.force_login(user)
        return client

    return client_of


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database",
        action="store_true",
        help="run only the tests that use the database (for a second run on PostgreSQL)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
    if not config.getoption("--only-database"):
        return
    fixtures = {"db", "transactional_db", "django_db_setup", "live_server"}
    bound = [
        item
        for item in items
        if item.get_closest_marker("django_db") or fixtures & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(bound)])
    items[:] = bound
