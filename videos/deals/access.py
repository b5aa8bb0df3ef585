"""Who may see and change which deals. A user's own deals are those they own."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from wagtail.permission_policies import BasePermissionPolicy, ModelPermissionPolicy

from studio.people.access import holders_of
from studio.people.models import User
from videos.deals.models import Deal

AnyUser = User | AnonymousUser


def own_deals(user: AnyUser) -> "QuerySet[Deal]":
    """The deals that the user owns; none for anonymous users."""
    return Deal.objects.filter(owner=user.pk) if user.pk else Deal.objects.none()


def visible_deals(user: AnyUser) -> "QuerySet[Deal]":
    """The deals that the user may see: everyone's, or their own."""
    if not user.has_perm("deals.view_deal"):
        return Deal.objects.none()
    return Deal.objects.all() if user.has_perm("deals.view_every_deal") else own_deals(user)


def is_visible(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may see this deal."""
    if user.has_perm("deals.view_deal") and user.has_perm("deals.view_every_deal"):
        return True
    return visible_deals(user).filter(pk=deal.pk).exists()


def may_close(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may mark a deal won or lost, and change its contacts while it is open."""
    return user.has_perm("deals.close_deal") and is_visible(user, deal)


def may_change_closed(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may change this deal after it closed; never their own deals.

    Closed deals decide people's own results, so somebody else has to make the change.
    """
    may = user.has_perm("deals.change_closed_deal") and is_visible(user, deal)
    return may and deal.owner_id != user.pk


def may_correct(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may edit this deal in its current state."""
    if not user.has_perm("deals.change_deal"):
        return False
    return is_visible(user, deal) if deal.is_open else may_change_closed(user, deal)


def may_reopen(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may reopen this deal after it closed."""
    return user.has_perm("deals.reopen_deal") and may_change_closed(user, deal)


def may_change_contacts(user: AnyUser, deal: Deal) -> bool:
    """Whether the user may add and remove contacts of this deal in its current state."""
    return may_close(user, deal) and (deal.is_open or may_change_closed(user, deal))


def may_import(user: AnyUser) -> bool:
    """Whether the user may import files in the browser."""
    return user.has_perm("deals.import_data")


def may_see_influence(user: AnyUser) -> bool:
    """Whether the user may open the influence report."""
    return user.has_perm("deals.view_influence")


def reported_deals(user: AnyUser) -> "QuerySet[Deal] | None":
    """The deals that the user's influence report covers: None for all, or their own."""
    if user.has_perm("deals.view_every_influence"):
        return None
    return own_deals(user) if may_see_influence(user) else Deal.objects.none()


class OwnDealsPermissionPolicy(ModelPermissionPolicy):
    """Limits users who may not see everyone's deals to their own.

    Deals are changed only as `may_correct` allows.
    """

    def user_has_permission_for_instance(self, user: User, action: str, instance: Deal) -> bool:
        if action == "change":
            return may_correct(user, instance)
        allowed = super().user_has_permission_for_instance(user, action, instance)
        return bool(allowed) and is_visible(user, instance)

    def instances_user_has_any_permission_for(
        self, user: User, actions: Iterable[str]
    ) -> "QuerySet[Deal]":
        allowed: Any = super().instances_user_has_any_permission_for(user, actions)
        return visible_deals(user).filter(pk__in=allowed)


class ImportPermissionPolicy(BasePermissionPolicy):
    """Users who may import can see every import and add new ones."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(user.is_active and may_import(user) and action in {"add", "view"})

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Iterable[str]) -> "QuerySet[User]":
        return holders_of("deals.import_data", User.objects.filter(is_active=True))
