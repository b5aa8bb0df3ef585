"""Fixtures for every room: the roles, and clients signed in as them."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import UserFactory
from tests.queue import empty_queue


@pytest.fixture(autouse=True)
def an_empty_queue() -> None:
    """Redis knows no transaction that a test could roll back."""
    if settings.REDIS_URL:
        empty_queue()


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


@pytest.fixture
def signed_in(db: None) -> Callable[[User | None], Client]:
    """`signed_in(user)` is a client with the user's session; None is a passer-by."""

    def client_of(user: User | None) -> Client:
        client = Client()
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
