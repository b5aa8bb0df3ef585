"""What those who manage users may do to whom: nobody gains by it what they do not have."""

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from studio.people.models import User


def may_edit(by: User, user: User) -> bool:
    """Administrators edit anyone; others, as far as their permissions go, nobody who is one."""
    return by.is_superuser or not user.is_superuser


def may_change_address(by: User) -> bool:
    """An address is an identity: administrators alone."""
    return by.is_superuser


def may_set_password(by: User, user: User) -> bool:
    """Whoever knows another's password is that other. The others send a link by mail."""
    return by.is_superuser or user.pk is None


def grantable_groups(by: User) -> QuerySet[Group]:
    """The groups that one may put others in, or take them out of: one's own."""
    return Group.objects.all() if by.is_superuser else by.groups.all()


def holders_of(permission: str, users: QuerySet[User]) -> QuerySet[User]:
    """Those of the users who have a permission, “room.codename”, of whatever origin."""
    room, codename = permission.split(".")
    own = Q(user_permissions__codename=codename, user_permissions__content_type__app_label=room)
    by_group = Q(
        groups__permissions__codename=codename, groups__permissions__content_type__app_label=room
    )
    return users.filter(Q(is_superuser=True) | own | by_group).distinct()
