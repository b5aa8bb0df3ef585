"""Rates of exchange keep their rows, permissions and histories when they move to their own app."""

import datetime as dt
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import ModelLogEntry

from studio.people.models import User
from studio.people.roles import Role
from studio.rates.models import Rate
from tests.factories import UserFactory

BEFORE, AFTER = [("deals", "0015_lists_sort_as_people_do")], [("deals", "0017_remove_rates")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    ContentType.objects.clear_cache()
    return MigrationExecutor(connection).loader.project_state(target).apps.get_model


def store_rate(table, rate, pk):
    row = [pk, "2026-02-10", "USD" if pk == 41 else "GBP", "EUR", rate]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, day, from_currency, to_currency, rate)"
            " VALUES (%s, %s, %s, %s, %s)",
            row,
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("new_type_is_there", [False, True])
def test_rates_keep_rows_grants_and_histories_in_their_own_app(new_type_is_there):
    migrate(BEFORE)
    try:
        permission = Permission.objects.get(
            content_type=ContentType.objects.get(app_label="deals", model="rate"),
            codename="change_rate",
        )
        store_rate("deals_rate", "0.9123456789", pk=41)
        store_rate("deals_rate", "1e999999", pk=42)  # from before there were bounds
        group = Group.objects.create(name="Treasury")
        group.permissions.add(permission)
        user = UserFactory()
        user.user_permissions.add(permission)
        entry = ModelLogEntry.objects.create(
            content_type=permission.content_type,
            object_id="41",
            label="A rate",
            action="wagtail.edit",
            timestamp=dt.datetime(2026, 2, 10, tzinfo=dt.UTC),
            data={},
        )
        if new_type_is_there:  # `migrate rates` alone makes it
            ContentType.objects.create(app_label="rates", model="rate")
    finally:
        migrate(AFTER)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert Rate.objects.get(pk=41).rate == Decimal("0.9123456789")
    assert not Rate.objects.get(pk=42).rate.is_finite()
    assert Rate.objects.create(
        day="2026-02-11", from_currency="USD", to_currency="EUR", rate="0.9"
    ).pk not in {41, 42}
    assert "deals_rate" not in connection.introspection.table_names()
    assert list(group.permissions.all()) == [permission]
    assert User.objects.get(pk=user.pk).has_perm("rates.change_rate")
    assert UserFactory(role=Role.FINANCE).has_perm("rates.delete_rate")
    entry.refresh_from_db()
    assert entry.content_type == ContentType.objects.get_for_model(Rate)
    assert not ContentType.objects.filter(app_label="deals", model="rate").exists()
    assert apps.get_model("rates", "Rate") is Rate


@pytest.mark.django_db(transaction=True)
def test_rates_go_back_to_deals_when_the_migration_is_undone():
    rate = Rate.objects.create(
        day="2026-02-10", from_currency="USD", to_currency="EUR", rate="0.9123456789"
    )
    try:
        old = migrate(BEFORE)("deals", "Rate")
        assert old.objects.get(pk=rate.pk).rate == Decimal("0.9123456789")
        assert ContentType.objects.filter(app_label="deals", model="rate").exists()
    finally:
        migrate(AFTER)
    assert Rate.objects.get(pk=rate.pk).rate == Decimal("0.9123456789")
