"""A studio filled with the demo, once for all tests that only look at it or roll back."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import timezone

from studio.operations.demo.fill import Filler
from studio.operations.demo.records import World
from studio.operations.demo.world import build

PASSWORD = "demo of a test"


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """The world that the studio is filled with; gone after the module."""
    world = build(timezone.localdate(), timezone.get_default_timezone())
    with django_db_blocker.unblock(), transaction.atomic():
        Filler(world).fill(PASSWORD)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled: World, db: None) -> World:
    """The filled studio; what a test changes is undone."""
    return filled
