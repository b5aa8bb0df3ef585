import datetime as dt
import importlib
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import VideoFactory, ViewFactory
from videos.audience.models import View

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(minutes=3)
old = importlib.import_module("videos.audience.migrations.0007_old_views_are_judged")
editor = SimpleNamespace(connection=connection)


@pytest.fixture
def views(db):
    """Views as they lay there, by name: none was judged but those that counted."""
    video = VideoFactory(stage="published", duration_seconds=Decimal("2.5"))

    def view(**fields):
        return ViewFactory(
            **{"started_at": NOON, "counted_at": None, "video__duration_seconds": "60"} | fields
        )

    return {
        "imported": view(imported=True),
        "imported, short": view(imported=True, seconds_watched=Decimal("2.9")),
        "imported, unknown": view(imported=True, seconds_watched=None),
        "imported, whole": view(imported=True, seconds_watched=Decimal("2.5"), video=video),
        "imported bot": view(imported=True, is_bot=True),
        "staff": view(is_staff=True, last_heard_at=LATER),
        "staff, short": view(is_staff=True, last_heard_at=LATER, seconds_watched=Decimal(1)),
        "bot, never heard of": view(is_bot=True),
        "own, short": view(seconds_watched=Decimal(1), last_heard_at=LATER),
        "own": view(counted_at=NOON + dt.timedelta(seconds=4), last_heard_at=LATER),
    }


def told(views):
    by_pk = dict(View.objects.values_list("pk", "counted_at"))
    return {name: by_pk[view.pk] for name, view in views.items()}


def test_old_views_are_judged_and_the_way_back_leaves_them_as_they_were(views, monkeypatch):
    monkeypatch.setattr(old, "BATCH", 3)
    before = told(views)
    old.judge(apps, editor)
    assert told(views) == before | {
        "imported": NOON,
        "imported, whole": NOON,
        "imported bot": NOON,
        "staff": LATER,
        "bot, never heard of": NOON,
    }
    assert View.objects.get(pk=views["own"].pk).new_range_at == LATER
    assert View.objects.get(pk=views["imported"].pk).new_range_at is None
    old.forget(apps, editor)
    assert told(views) == before
    assert not View.objects.exclude(new_range_at=None).exists()
