"""Wagtail's groups go once, and nobody in them loses anything unasked."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection

from studio.people.roles import Role
from tests.factories import UserFactory

take_away = importlib.import_module("studio.people.migrations.0006_wagtails_groups_go").take_away


@pytest.mark.django_db
def test_a_group_with_members_stays_and_an_empty_one_goes():
    for name in ("Editors", "Moderators", "Choir"):
        Group.objects.create(name=name)
    member = UserFactory()
    member.groups.add(Group.objects.get(name="Editors"))
    take_away(apps, SimpleNamespace(connection=connection))
    left = {group.name for group in Group.objects.all()}
    assert left == {"Editors", "Choir", *Role.values}
    assert list(member.groups.values_list("name", flat=True)) == ["Editors"]
