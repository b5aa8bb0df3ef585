"""Logs who gains or loses roles, administrator rights or access, however it happens.

Models and signals call these functions, so forms, invitations and commands are all covered. The
entry's user is who is signed in; None stands for the command line.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import models
from wagtail.log_actions import log

if TYPE_CHECKING:
    from studio.people.models import User

GAVE_ROLES = "people.give_roles"
TOOK_ROLES = "people.take_roles"
MADE_ADMINISTRATOR = "people.make_administrator"
ENDED_ADMINISTRATOR = "people.end_administrator"
ACTIVATED = "people.activate"
DEACTIVATED = "people.deactivate"
SET_PASSWORD = "people.set_password"  # noqa: S105  another user's password, which gives access to the account
ROLES = "roles"  # the key of a log entry's data: the names of groups


def note_access(user: "User", before: "User | None") -> None:
    """Log what changed when a user was saved, in that transaction; `before` is None if new."""
    was_administrator = before is not None and before.is_superuser
    if user.is_superuser != was_administrator:
        log(user, MADE_ADMINISTRATOR if user.is_superuser else ENDED_ADMINISTRATOR)
    if before is not None and user.is_active != before.is_active:
        log(user, ACTIVATED if user.is_active else DEACTIVATED)


def note_roles(
    sender: Any,
    instance: Any,
    action: str,
    reverse: bool,
    model: type[models.Model],
    pk_set: set[int] | None,
    **kwargs: Any,
) -> None:
    """Log users added to or removed from groups, from either side of the relation."""
    if action == "pre_clear":
        held = instance.user_set if reverse else instance.groups
        changed, done = set(held.values_list("pk", flat=True)), TOOK_ROLES
    elif action in ("post_add", "post_remove"):
        changed, done = pk_set or set(), GAVE_ROLES if action == "post_add" else TOOK_ROLES
    else:
        return
    if reverse:
        users = model._default_manager.filter(pk__in=changed)
        log_roles(users, [instance.name], done)
    elif changed:
        groups = Group.objects.filter(pk__in=changed).order_by("name")
        log_roles([instance], list(groups.values_list("name", flat=True)), done)


def note_deleted_group(sender: type[Group], instance: Group, **kwargs: Any) -> None:
    """Log before a group is deleted that its users lose it; no other signal says so."""
    log_roles(instance.user_set.all(), [instance.name], TOOK_ROLES)


def log_roles(users: Iterable[models.Model], names: Collection[str], action: str) -> None:
    """Write one entry per user, with the names of the groups."""
    for user in users:
        log(user, action, data={ROLES: list(names)})
