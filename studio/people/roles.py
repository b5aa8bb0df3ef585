"""Roles are groups. Each room's `grants.py` says in one table what each role may do in it."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import models
from django.db.models import prefetch_related_objects
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _

from studio.people.errors import RoleStays
from studio.people.models import User

Grants = Mapping["Role", Sequence[str]]


class Role(models.TextChoices):
    """The five kinds of colleague. The value is the name of the group."""

    PRODUCER = "Producer", _("Producer")
    EXPERT = "Expert", _("Expert")
    SALES_MANAGER = "Sales manager", _("Sales manager")
    FINANCE = "Finance", _("Finance")
    LEADER = "Leader", _("Leader")


EVERYONE = tuple(Role)


def roles_of(user: User | AnonymousUser) -> set[Role]:
    """The roles of a user, asked of the database once; nobody signed in has none."""
    if not user.is_authenticated:
        return set()
    prefetch_related_objects([user], "groups")
    return {Role(group.name) for group in user.groups.all() if group.name in Role.values}


def is_of_a_role(group: Group) -> bool:
    """Whether a group says what a role may do."""
    return group.pk is not None and group.name in Role.values


def keep_the_roles(sender: type[Group], instance: Group, **kwargs: Any) -> None:
    """Before a group is saved or deleted, by whatever door. Raises RoleStays for those of roles.

    Without their groups, which are found by their names, people would lose their roles.
    """
    kept = Group.objects.using(kwargs["using"]).filter(pk=instance.pk).first()
    goes = kwargs["signal"] is pre_delete or (kept and kept.name != instance.name)
    if kept and is_of_a_role(kept) and goes:
        raise RoleStays(kept.name)


def grants_of(room: AppConfig) -> Grants:
    """The table in the `grants` module of a room; empty where there is none."""
    if not room.name.startswith(("studio.", "videos.", "budgets")):
        return {}
    if find_spec(f"{room.name}.grants") is None:
        return {}
    return import_module(f"{room.name}.grants").GRANTS  # type: ignore[no-any-return]


def last_to_migrate() -> AppConfig:
    """The app after whose migrations all tables and permissions are there."""
    return [room for room in apps.get_app_configs() if room.models_module][-1]


def apply_grants(sender: AppConfig, using: str = "default", **kwargs: object) -> None:
    """After the last app's migrations: make the groups and add what the rooms grant them.

    Adds only, so that what a studio gave by hand stays. Raises LookupError for a permission
    that does not exist.
    """
    if sender != last_to_migrate():
        return
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    groups = {role: Group.objects.using(using).get_or_create(name=role.value)[0] for role in Role}
    for room in apps.get_app_configs():
        for role, names in grants_of(room).items():
            if missing := sorted(set(names) - known.keys()):
                raise LookupError(f"{room.name}.grants names unknown permissions: {missing}")
            groups[role].permissions.add(*(known[name] for name in names))
