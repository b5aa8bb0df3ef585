"""What users who manage others may do: nobody can grant what they do not have."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from wagtail.permission_policies import BasePermissionPolicy

from studio.people.models import User


def may_edit(by: User, user: User) -> bool:
    """Whether `by` may edit the user: only administrators may edit administrators."""
    return by.is_superuser or not user.is_superuser


def may_change_address(by: User) -> bool:
    """Whether `by` may change addresses: only administrators, as addresses identify users."""
    return by.is_superuser


def may_set_password(by: User, user: User) -> bool:
    """Whether `by` may set others' passwords: only administrators; others send a reset link."""
    return by.is_superuser or user.pk is None


def grantable_groups(by: User) -> QuerySet[Group]:
    """The groups that the user may add others to or remove them from: their own."""
    return Group.objects.all() if by.is_superuser else by.groups.all()


def may_invite(by: User) -> bool:
    """Whether the user may invite colleagues, as all who may add users."""
    return by.has_perm("people.add_user")


def may_invite_as(by: User, groups: Iterable[Group], *, is_superuser: bool) -> bool:
    """Whether the user may invite somebody with these groups, or as an administrator."""
    if by.is_superuser:
        return True
    given = {group.pk for group in groups}
    return (
        may_invite(by)
        and not is_superuser
        and given <= set(grantable_groups(by).values_list("pk", flat=True))
    )


def holders_of(permission: str, users: QuerySet[User]) -> QuerySet[User]:
    """Filter users who have a permission “app_label.codename”, by group or directly."""
    room, codename = permission.split(".")
    own = Q(user_permissions__codename=codename, user_permissions__content_type__app_label=room)
    by_group = Q(
        groups__permissions__codename=codename, groups__permissions__content_type__app_label=room
    )
    return users.filter(Q(is_superuser=True) | own | by_group).distinct()


class InvitationPolicy(BasePermissionPolicy):
    """Lets everybody who may add users invite and see all invitations."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(user.is_active and may_invite(user) and action in {"add", "view"})

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        return holders_of("people.add_user", User.objects.filter(is_active=True))
