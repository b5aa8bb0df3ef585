"""Who manages users gains nothing by it, and an address is an administrator's to change."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import ModelLogEntry

from studio.people.models import User
from studio.people.roles import Role
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(email="admin@studio.example", is_superuser=True)


@pytest.fixture
def manager(admin):
    """Somebody who may manage users, is a producer, and no administrator."""
    user = UserFactory(role=Role.PRODUCER)
    for codename in ("add_user", "change_user", "delete_user"):
        user.user_permissions.add(Permission.objects.get(codename=codename))
    return user


def edit(client, user, **changed):
    data = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": "on" if user.is_active else "",
        "is_superuser": "on" if user.is_superuser else "",
        "groups": [group.pk for group in user.groups.all()],
    }
    data = {name: value for name, value in (data | changed).items() if value}
    answer = client.post(reverse("wagtailusers_users:edit", args=[user.pk]), data)
    user = User.objects.get(pk=user.pk)  # with nothing remembered
    return answer, user


def bulk(client, action, *users, **data):
    url = reverse("wagtail_bulk_action", args=["people", "user", action])
    ids = "&".join(f"id={user.pk}" for user in users)
    return client.post(f"{url}?{ids}", data)


def test_an_administrator_changes_an_address_on_record(signed_in, admin):
    ann = UserFactory(email="ann@studio.example")
    answer, ann = edit(signed_in(admin), ann, email="Ann.Lee@studio.example")
    assert (answer.status_code, ann.email) == (302, "Ann.Lee@studio.example")
    entry = ModelLogEntry.objects.get(action="people.address")
    assert entry.data == {"was": "ann@studio.example", "now": "Ann.Lee@studio.example"}


@pytest.mark.parametrize("address", ["Taken@studio.example", "former@studio.example"])
def test_a_taken_address_is_refused_beside_the_field(signed_in, admin, address):
    taken = UserFactory(email="former@studio.example")
    taken.email = "taken@studio.example"
    taken.save()
    ann = UserFactory()
    answer, after = edit(signed_in(admin), ann, email=address)
    assert answer.status_code == 200
    assert "No other user can get it" in answer.content.decode()
    assert after.email == ann.email


def test_a_session_ends_when_the_address_changes(signed_in, admin):
    ann = UserFactory(role=Role.EXPERT)
    hers = signed_in(ann)
    assert hers.get(reverse("wagtailadmin_home")).status_code == 200
    edit(signed_in(admin), ann, email="other@studio.example")
    assert hers.get(reverse("wagtailadmin_home")).status_code == 302


def test_nobody_changes_their_own_address_on_the_account_page(signed_in, admin):
    expert = UserFactory(role=Role.EXPERT)
    for user in (expert, admin):
        client, address = signed_in(user), user.email
        page = client.get(reverse("wagtailadmin_account")).content.decode()
        assert f'value="{address}"' in page
        answer = client.post(
            reverse("wagtailadmin_account"),
            {
                "name_email-first_name": "New",
                "name_email-last_name": "Name",
                "name_email-email": "mine@studio.example",
                "locale-current_time_zone": "",
                "theme-theme": "system",
                "theme-contrast": "system",
                "theme-density": "default",
            },
        )
        assert answer.status_code == 302
        user.refresh_from_db()
        assert (user.email, user.first_name) == (address, "New")


def test_who_manages_users_changes_no_address_and_makes_no_administrator(signed_in, manager):
    ann = UserFactory(role=Role.PRODUCER)
    answer, after = edit(
        signed_in(manager), ann, email="mine@studio.example", is_superuser="on", first_name="Anna"
    )
    assert answer.status_code == 302
    assert (after.email, after.is_superuser, after.first_name) == (ann.email, False, "Anna")


def test_who_manages_users_takes_nobody_over_by_a_password(signed_in, manager):
    ann = UserFactory(role=Role.PRODUCER)
    for user in (ann, manager):
        _, after = edit(
            signed_in(manager), user, password1="mine and strong", password2="mine and strong"
        )
        assert after.check_password(PASSWORD)


def test_who_manages_users_gives_and_takes_own_groups_alone(signed_in, manager):
    finance = Group.objects.get(name=Role.FINANCE.value)
    producer = Group.objects.get(name=Role.PRODUCER.value)
    ann = UserFactory(role=Role.FINANCE)
    answer, after = edit(signed_in(manager), ann, groups=[producer.pk])
    assert answer.status_code == 302
    assert set(after.groups.all()) == {finance, producer}
    answer, after = edit(signed_in(manager), manager, groups=[producer.pk, finance.pk])
    assert answer.status_code == 200
    assert set(after.groups.all()) == {producer}
    bulk(signed_in(manager), "assign_role", manager, role=finance.pk)
    assert set(after.groups.all()) == {producer}


def test_who_manages_users_leaves_administrators_alone(signed_in, manager, admin):
    UserFactory(is_superuser=True)
    client = signed_in(manager)
    answer, after = edit(client, admin, first_name="Mine", is_active="")
    assert answer.status_code in {302, 403}
    assert (after.first_name, after.is_active) == (admin.first_name, True)
    bulk(client, "set_active_state", admin, mark_as_active="False")
    bulk(client, "delete", admin)
    client.post(reverse("wagtailusers_users:delete", args=[admin.pk]))
    assert User.objects.get(pk=admin.pk).is_active


def test_a_new_user_gets_no_more_than_who_makes_them_has(signed_in, manager):
    data = {
        "email": " New@studio.example",
        "first_name": "New",
        "last_name": "User",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "is_superuser": "on",
        "groups": [Group.objects.get(name=Role.PRODUCER.value).pk],
    }
    client = signed_in(manager)
    assert client.get(reverse("wagtailusers_users:add")).status_code == 200
    assert client.post(reverse("wagtailusers_users:add"), data).status_code == 302
    user = User.objects.get(email="New@studio.example")
    assert (user.is_superuser, [group.name for group in user.groups.all()]) == (False, ["Producer"])


def test_no_door_leads_to_a_studio_without_an_administrator(signed_in, admin):
    client, other = signed_in(admin), UserFactory(is_superuser=True)
    edit(client, admin, is_superuser="", is_active="")
    bulk(client, "set_active_state", admin, other, mark_as_active="False")
    bulk(client, "delete", admin, other)
    assert list(User.objects.administrators()) == [admin]


def test_many_are_deactivated_each_as_if_alone(signed_in, admin):
    one, two = UserFactory(role=Role.EXPERT), UserFactory()
    hers = signed_in(one)
    bulk(signed_in(admin), "set_active_state", one, two, mark_as_active="False")
    assert not User.objects.filter(pk__in=[one.pk, two.pk], is_active=True).exists()
    assert ModelLogEntry.objects.filter(action="people.deactivate").count() == 2
    bulk(signed_in(admin), "set_active_state", one, two, mark_as_active="True")
    assert User.objects.filter(pk__in=[one.pk, two.pk], is_active=True).count() == 2
    assert hers.get(reverse("wagtailadmin_home")).status_code == 302  # an old session stays ended


@pytest.mark.parametrize("role", list(Role))
def test_users_are_for_those_who_manage_them(signed_in, admin, role):
    client = signed_in(UserFactory(role=role))
    for name, args in (("index", []), ("add", []), ("edit", [admin.pk]), ("history", [admin.pk])):
        answer = client.get(reverse(f"wagtailusers_users:{name}", args=args))
        assert answer.status_code in {302, 403}
