"""Who may see and close which deals, and whose influence. Own deals hang on oneself."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from wagtail.permission_policies import ModelPermissionPolicy

from studio.people.models import User
from videos.deals.models import Deal

Someone = User | AnonymousUser


def own_deals(user: Someone) -> "QuerySet[Deal]":
    """The deals that hang on the user; nobody signed in has none."""
    return Deal.objects.filter(owner=user.pk) if user.pk else Deal.objects.none()


def visible_deals(user: Someone) -> "QuerySet[Deal]":
    """The deals that the user may see: everyone's, or their own."""
    if not user.has_perm("deals.view_deal"):
        return Deal.objects.none()
    return Deal.objects.all() if user.has_perm("deals.view_every_deal") else own_deals(user)


def is_visible(user: Someone, deal: Deal) -> bool:
    """Whether the user may see this deal."""
    return visible_deals(user).filter(pk=deal.pk).exists()


def may_close(user: Someone, deal: Deal) -> bool:
    """Whether the user may mark a deal won or lost, and while it is open say who takes part."""
    return user.has_perm("deals.close_deal") and is_visible(user, deal)


def may_reopen(user: Someone, deal: Deal) -> bool:
    """Whether the user may open this deal again once it closed."""
    return may_close(user, deal) and user.has_perm("deals.reopen_deal")


def may_change_parts(user: Someone, deal: Deal) -> bool:
    """Whether the user may say who takes part in this deal, as it stands."""
    if not deal.is_open and not user.has_perm("deals.change_closed_deal"):
        return False
    return may_close(user, deal)


def may_see_influence(user: Someone) -> bool:
    """Whether the user may open the influence report."""
    return user.has_perm("deals.view_influence")


def reported_deals(user: Someone) -> "QuerySet[Deal] | None":
    """The deals that the user's influence report is about: None for everyone's, or their own."""
    if user.has_perm("deals.view_every_influence"):
        return None
    return own_deals(user) if may_see_influence(user) else Deal.objects.none()


class OwnDeals(ModelPermissionPolicy):
    """Who may not see everyone's deals has permissions for their own alone."""

    def user_has_permission_for_instance(self, user: User, action: str, instance: Deal) -> bool:
        allowed = super().user_has_permission_for_instance(user, action, instance)
        return bool(allowed) and is_visible(user, instance)

    def instances_user_has_any_permission_for(
        self, user: User, actions: Iterable[str]
    ) -> "QuerySet[Deal]":
        allowed: Any = super().instances_user_has_any_permission_for(user, actions)
        return visible_deals(user).filter(pk__in=allowed)
