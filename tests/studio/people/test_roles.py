import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from studio.people.models import User
from studio.people.roles import Role, apply_grants, grants_of, last_to_migrate, roles_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_every_role_is_a_group_that_enters_the_admin():
    entering = Group.objects.filter(permissions__codename="access_admin")
    assert {group.name for group in entering} >= set(Role.values)


def test_grants_add_only_and_keep_what_a_studio_gave_by_hand():
    group = Group.objects.get(name=Role.LEADER.value)
    extra = Permission.objects.get(codename="add_image")
    group.permissions.add(extra)
    before = set(group.permissions.all())

    apply_grants(sender=last_to_migrate())

    assert set(group.permissions.all()) == before


def test_every_room_grants_only_permissions_that_exist():
    known = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.select_related("content_type")
    }
    named = {
        name for room in apps.get_app_configs() for row in grants_of(room).values() for name in row
    }
    assert named - known == set()


def test_an_e_mail_address_signs_in_in_any_case(client):
    UserFactory(email="Ada@Studio.Example")
    assert User.objects.get_by_natural_key("ADA@studio.example").email == "Ada@Studio.Example"


def test_roles_of_a_user_are_their_groups():
    user = UserFactory(role=Role.EXPERT)
    user.groups.add(Group.objects.create(name="Choir"))
    assert roles_of(user) == {Role.EXPERT}
