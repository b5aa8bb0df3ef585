"""Who was given which role, or lost it, and by whom, is logged, however it happens."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from wagtail.log_actions import LogContext
from wagtail.models import ModelLogEntry

from studio.people import first_run, inviting
from studio.people.access_log import SET_PASSWORD
from studio.people.errors import LastAdministrator
from studio.people.leaving import deactivate
from studio.people.models import User
from studio.people.roles import Role
from studio.record import acts
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def group(role: Role) -> Group:
    return Group.objects.get(name=role.value)


def logged(user: User) -> list[tuple[User | None, str]]:
    """What is on record of somebody's access: who did it, and what, the first first."""
    entries = ModelLogEntry.objects.for_instance(user).filter(action__startswith="people.")
    return [(entry.user, entry.message) for entry in entries.order_by("pk")]


@pytest.fixture
def admin() -> User:
    with LogContext():
        return UserFactory(is_superuser=True)


@pytest.fixture
def user() -> User:
    """An expert, of whom nothing is on record yet."""
    user = UserFactory(role=Role.EXPERT)
    ModelLogEntry.objects.all().delete()
    return user


def edit(client: Any, user: User, **data: Any) -> None:
    """Sends the form of a user as it stands, but for `data`."""
    form = {
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_active": "on",
        "groups": [one.pk for one in user.groups.all()],
        **data,
    }
    answer = client.post(reverse("wagtailusers_users:edit", args=[user.pk]), form)
    assert answer.status_code == 302


def test_the_form_of_a_user_tells_roles_given_and_taken(signed_in, admin, user):
    edit(signed_in(admin), user, groups=[group(Role.FINANCE).pk, group(Role.LEADER).pk])
    assert logged(user) == [(admin, "Taken away: Expert"), (admin, "Given: Finance, Leader")]


def test_a_form_that_changes_no_role_tells_none(signed_in, admin, user):
    edit(signed_in(admin), user, first_name="Another")
    assert logged(user) == []


def test_the_form_tells_who_was_made_an_administrator_and_who_is_one_no_longer(
    signed_in, admin, user
):
    edit(signed_in(admin), user, is_superuser="on")
    edit(signed_in(admin), user)
    assert logged(user) == [
        (admin, "Made an administrator"),
        (admin, "No longer an administrator"),
    ]


def test_the_form_tells_who_was_let_in_again(signed_in, admin, user):
    edit(signed_in(admin), user, is_active="")
    edit(signed_in(admin), user)
    assert logged(user) == [(admin, "Deactivated"), (admin, "Activated")]


def test_a_new_user_s_roles_are_told(signed_in, admin):
    form = {
        "email": "new@studio.example",
        "first_name": "New",
        "last_name": "Example",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "is_superuser": "on",
        "groups": [group(Role.PRODUCER).pk],
    }
    signed_in(admin).post(reverse("wagtailusers_users:add"), form)
    new = User.objects.get(email="new@studio.example")
    assert logged(new) == [(admin, "Made an administrator"), (admin, "Given: Producer")]


def test_many_at_once_are_told_one_by_one(signed_in, admin, user):
    other = UserFactory(role=Role.LEADER)
    ModelLogEntry.objects.all().delete()
    url = reverse("wagtail_bulk_action", args=["people", "user", "assign_role"])
    signed_in(admin).post(
        f"{url}?id={user.pk}&id={other.pk}", {"role": group(Role.LEADER).pk}, follow=True
    )
    assert logged(user) == [(admin, "Given: Leader")]
    assert logged(other) == []  # had it


def test_who_is_deleted_among_many_is_on_record(signed_in, admin, user):
    other = UserFactory()
    url = reverse("wagtail_bulk_action", args=["people", "user", "delete"])
    answer = signed_in(admin).post(f"{url}?id={user.pk}&id={other.pk}")
    assert (answer.status_code, list(User.objects.all())) == (302, [admin])
    deleted = [(one.kind, one.user, one.label) for one in acts() if one.action == "wagtail.delete"]
    assert sorted(deleted, key=str) == [("people", admin, str(one)) for one in (user, other)]


def test_an_administrator_who_sets_another_s_password_is_told(signed_in, admin, user):
    """With it they are that other, in whose name they could approve their own requests."""
    edit(signed_in(admin), user, password1="horse battery 77", password2="horse battery 77")
    assert logged(user) == [(admin, "Set their password")]
    assert {one.kind for one in acts() if one.action == SET_PASSWORD} == {"people"}


def test_nobody_is_told_of_an_own_password(signed_in, admin):
    logged_before = logged(admin)
    new = {"password1": "horse battery 77", "password2": "horse battery 77"}
    edit(signed_in(admin), admin, is_superuser="on", **new)
    admin.refresh_from_db()
    assert admin.check_password("horse battery 77")
    assert logged(admin) == logged_before


def test_an_invitation_s_roles_were_given_by_who_sent_it(admin):
    sent = inviting.invite("new@studio.example", [group(Role.FINANCE)], is_superuser=True, by=admin)
    token = inviting.link(sent).rstrip("/").rpartition("/")[2]
    new = inviting.accept(token, User(first_name="New"))
    assert logged(new) == [
        (admin, "Made an administrator"),
        (admin, "Given: Finance"),
        (new, "Joined by an invitation as Finance, Administrator"),
    ]


def test_the_first_administrator_made_themself(db):
    new = first_run.make_administrator(first_run.new_token(), User(email="first@studio.example"))
    assert logged(new) == [
        (new, "Made an administrator"),
        (new, "Became the first administrator"),
    ]


def test_the_command_line_is_on_record_without_a_name(user):
    call_command("createsuperuser", "--noinput", email="root@studio.example", verbosity=0)
    root = User.objects.get(email="root@studio.example")
    assert logged(root) == [(None, "Made an administrator")]
    user.groups.clear()
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    assert logged(user) == [(None, "Taken away: Expert"), (None, "Made an administrator")]


def test_who_loses_a_role_with_its_group_is_told(admin, user):
    clients = Group.objects.create(name="Agency")
    clients.user_set.add(user)
    with LogContext(user=admin):
        clients.delete()
    assert logged(user) == [(None, "Given: Agency"), (admin, "Taken away: Agency")]


def test_clearing_a_group_tells_each_of_its_people(user):
    group(Role.EXPERT).user_set.clear()
    assert logged(user) == [(None, "Taken away: Expert")]


def test_what_is_refused_is_not_on_record(admin):
    """The last administrator stays one, and nothing says otherwise."""
    ModelLogEntry.objects.all().delete()
    with pytest.raises(LastAdministrator):
        deactivate(admin, by=admin)
    assert logged(admin) == []
