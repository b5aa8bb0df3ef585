"""Roles are groups. Each room's `grants.py` lists the permissions of each role."""

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
    """The roles of users. The value is the name of the group."""

    PRODUCER = "Producer", _("Producer")
    EXPERT = "Expert", _("Expert")
    SALES_MANAGER = "Sales manager", _("Sales manager")
    FINANCE = "Finance", _("Finance")
    LEADER = "Leader", _("Leader")


EVERYONE = tuple(Role)

# What each role may do, in words; `grants.py` of each room is what counts.
MAY = {
    Role.PRODUCER: _(
        "plans videos and asks for their estimates, books shoots, uploads cuts and captions, and "
        "publishes the pages."
    ),
    Role.EXPERT: _(
        "is on camera: hands in buyers' questions, books shoots, uploads and approves cuts with "
        "themselves on camera, sends share links, and keeps their own deals."
    ),
    Role.SALES_MANAGER: _(
        "plans topics and experts' minutes, approves every cut, sees and corrects every deal, "
        "reopens closed ones, and imports from the CRM."
    ),
    Role.FINANCE: _(
        "sets the sales budget, greenlights estimates, posts expenses, closes periods, and keeps "
        "the rates of exchange."
    ),
    Role.LEADER: _(
        "reads the budget report, every deal and what the videos influenced, and changes nothing."
    ),
}


def roles_of(user: User | AnonymousUser) -> set[Role]:
    """The roles of a user, cached on the user; none for anonymous users."""
    if not user.is_authenticated:
        return set()
    prefetch_related_objects([user], "groups")
    return {Role(group.name) for group in user.groups.all() if group.name in Role.values}


def label_of(name: str) -> str:
    """Return the label of a group's name, which is translated for roles."""
    return str(Role(name).label) if name in Role.values else name


def is_of_a_role(group: Group) -> bool:
    """Whether a group is a role's."""
    return group.pk is not None and group.name in Role.values


def keep_the_roles(sender: type[Group], instance: Group, **kwargs: Any) -> None:
    """Before a group is saved or deleted: raise RoleStays if a role's group would lose its name.

    Roles are found by the name of their group.
    """
    kept = Group.objects.using(kwargs["using"]).filter(pk=instance.pk).first()
    goes = kwargs["signal"] is pre_delete or (kept and kept.name != instance.name)
    if kept and is_of_a_role(kept) and goes:
        raise RoleStays(kept.name)


def grants_of(room: AppConfig) -> Grants:
    """The table in the `grants` module of an app; empty if there is none."""
    if not room.name.startswith(("studio.", "videos.", "budgets")):
        return {}
    if find_spec(f"{room.name}.grants") is None:
        return {}
    return import_module(f"{room.name}.grants").GRANTS  # type: ignore[no-any-return]


def last_to_migrate() -> AppConfig:
    """The last app to migrate, after which all tables and permissions exist."""
    return [room for room in apps.get_app_configs() if room.models_module][-1]


def apply_grants(sender: AppConfig, using: str = "default", **kwargs: object) -> None:
    """After the last app's migrations: create the groups and add their permissions.

    Nothing is removed, so that permissions added by hand stay. Raises LookupError if a permission
    does not exist.
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
