"""Two workers at the same instant, on connections of their own."""

from threading import Event, Thread
from time import monotonic

import pytest
from django.db import connection, transaction

from tests.factories import RenditionSetFactory
from tests.videos.media.factories import set_with_files
from videos.media.models import Cut, RenditionSet
from videos.media.renditions.sets import replace


def wait_for_a_waiting_lock() -> None:
    """Return once another connection waits for a lock; at once on SQLite, where it cannot begin."""
    if connection.vendor != "postgresql":
        return
    waiting = """
        SELECT pg_stat_clear_snapshot(), count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    deadline = monotonic() + 60
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone()[1]:
                return
            Event().wait(0.01)


@pytest.mark.django_db(transaction=True)
def test_of_two_sets_made_at_the_same_instant_one_is_current_and_the_other_replaced(disk_footage):
    """The second waits for the first, and so sees what it replaces."""
    old = set_with_files(is_public=True)
    first, second = (RenditionSetFactory(cut=old.cut) for _ in range(2))
    first_has_replaced, second_begins = Event(), Event()

    def begin():
        try:
            with transaction.atomic():
                replace(old.cut.pk, first)
                first_has_replaced.set()
                second_begins.wait(60)
                wait_for_a_waiting_lock()
        finally:
            connection.close()

    def follow():
        try:
            first_has_replaced.wait(60)
            second_begins.set()
            with transaction.atomic():
                replace(old.cut.pk, second)
        finally:
            connection.close()

    threads = [Thread(target=begin), Thread(target=follow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)

    assert Cut.objects.get(pk=old.cut.pk).current_set == second
    found = RenditionSet.objects.in_bulk()
    assert [found[one.pk].replaced_at is None for one in (old, first, second)] == [0, 0, 1]
    assert [found[one.pk].is_public for one in (old, first, second)] == [0, 0, 1]
