"""What groups permit is for administrators to say, and the groups of the roles stay."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from studio.people.errors import RoleStays
from studio.people.roles import Role, roles_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PANELS = (
    "page_permissions",
    "collection_permissions",
    "document_permissions",
    "image_permissions",
    "collection_management_permissions",
)
COUNTS = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
NO_PANELS = {f"{panel}-{count}": 0 for panel in PANELS for count in COUNTS}


@pytest.fixture
def admin():
    return UserFactory(is_superuser=True)


@pytest.fixture
def keeper():
    """Somebody with every permission on groups and users, and no administrator."""
    user = UserFactory(role=Role.PRODUCER)
    found = Permission.objects.filter(codename__regex="^(add|change|delete|view)_(group|user)$")
    user.user_permissions.add(*found)
    return user


@pytest.fixture
def sales_manager():
    return Group.objects.get(name=Role.SALES_MANAGER.value)


def of_groups(name, *args):
    return reverse(f"wagtailusers_groups:{name}", args=args)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_no_permission_makes_one_change_what_groups_permit(signed_in, keeper):
    client, own = signed_in(keeper), Group.objects.get(name=Role.PRODUCER.value)
    before = set(own.permissions.all())
    everything = [permission.pk for permission in Permission.objects.all()]
    asked = {"name": own.name, "permissions": everything, **NO_PANELS}
    for url in (of_groups("edit", own.pk), of_groups("add"), of_groups("delete", own.pk)):
        assert client.get(url).status_code == 302
        assert client.post(url, asked).status_code == 302
    for url in (of_groups("index"), of_groups("usage", own.pk), of_groups("history", own.pk)):
        assert client.get(url).status_code == 302
    assert set(own.permissions.all()) == before
    assert of_groups("index") not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_an_administrator_says_what_a_role_may_do(signed_in, admin, sales_manager):
    client, url = signed_in(admin), of_groups("edit", sales_manager.pk)
    extra = Permission.objects.get(codename="add_question")
    page = client.get(url).content.decode()
    assert "The group of a role cannot be renamed." in page
    assert of_groups("delete", sales_manager.pk) not in page
    asked = {"name": "Renamed", "permissions": [extra.pk], **NO_PANELS}
    answer = client.post(url, asked)
    assert answer.status_code == 302, answer.context["form"].errors
    sales_manager.refresh_from_db()
    assert sales_manager.name == Role.SALES_MANAGER.value
    assert extra in sales_manager.permissions.all()


def test_a_role_s_group_is_not_deleted_and_its_people_keep_their_role(
    signed_in, admin, sales_manager
):
    member = UserFactory(role=Role.SALES_MANAGER)
    client = signed_in(admin)
    for ask in (client.get, client.post):
        answer = ask(of_groups("delete", sales_manager.pk))
        assert answer["Location"] == of_groups("edit", sales_manager.pk)
        assert "is a role of the studio" in said(answer)[-1]
    for door in (sales_manager.delete, Group.objects.filter(pk=sales_manager.pk).delete):
        with pytest.raises(RoleStays), transaction.atomic():
            door()
    assert roles_of(type(member).objects.get(pk=member.pk)) == {Role.SALES_MANAGER}


def test_a_role_s_group_is_not_renamed(sales_manager):
    sales_manager.name = "Managers"
    with pytest.raises(RoleStays):
        sales_manager.save()
    sales_manager.refresh_from_db()
    sales_manager.save()
    assert sales_manager.name == Role.SALES_MANAGER.value


def test_other_groups_come_are_renamed_and_go(signed_in, admin):
    client = signed_in(admin)
    client.post(of_groups("add"), {"name": "Choir", **NO_PANELS})
    choir = Group.objects.get(name="Choir")
    client.post(of_groups("edit", choir.pk), {"name": "Band", **NO_PANELS})
    choir.refresh_from_db()
    assert choir.name == "Band"
    client.post(of_groups("delete", choir.pk))
    assert not Group.objects.filter(pk=choir.pk).exists()


def test_nobody_is_copied(signed_in, admin):
    with pytest.raises(NoReverseMatch):
        reverse("wagtailusers_users:copy", args=[admin.pk])
    client = signed_in(admin)
    assert client.get(f"/admin/users/copy/{admin.pk}/").status_code == 404
    for url in ("index", "edit"):
        args = [admin.pk] if url == "edit" else []
        page = client.get(reverse(f"wagtailusers_users:{url}", args=args)).content.decode()
        assert "/users/copy/" not in page
