"""Deactivates users, and hands over what they were responsible for.

Each room registers what it assigns to users, since this app cannot import the rooms.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogContext, log

from studio.people.models import User


class NotAnHeir(ValidationError):
    """The chosen user cannot take over."""

    def __init__(self, user: User) -> None:
        text = _("%(user)s cannot take these over. Choose an active colleague who may.")
        super().__init__(text, "not_an_heir", {"user": user})


@dataclass(frozen=True)
class Holding:
    """One kind of object that users are responsible for.

    `rows` are those that need somebody, `holder` is the lookup from a row to its user.
    `hand_over(rows, leaver, heir, by)` reassigns rows; it raises ValidationError if one cannot be
    reassigned, and then none is. `may_take` filters the active users who can take over.
    """

    name: str
    title: Any
    rows: Callable[[], QuerySet[Any]]
    holder: str
    hand_over: Callable[[QuerySet[Any], User, User, User], None]
    may_take: Callable[[QuerySet[User]], QuerySet[User]] = field(default=lambda users: users)

    def held_by(self, user: User) -> QuerySet[Any]:
        """Rows that the user is responsible for."""
        return self.rows().filter(**{self.holder: user}).distinct()

    def heirs(self, leaver: User) -> QuerySet[User]:
        """Users who can take over from the user."""
        return self.may_take(User.objects.filter(is_active=True)).exclude(pk=leaver.pk).distinct()


HOLDINGS: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Register a kind of object, in the order of the rooms."""
    HOLDINGS[holding.name] = holding


def held_by(user: User) -> list[tuple[Holding, QuerySet[Any]]]:
    """Everything that the user is responsible for, without empty kinds."""
    found = ((holding, holding.held_by(user)) for holding in HOLDINGS.values())
    return [(holding, rows) for holding, rows in found if rows.exists()]


def left_behind() -> Iterable[User]:
    """Deactivated users who are still responsible for something."""
    users = {
        pk
        for holding in HOLDINGS.values()
        for pk in holding.rows()
        .filter(**{f"{holding.holder}__is_active": False})
        .order_by()
        .values_list(holding.holder, flat=True)
        .distinct()
    }
    return User.objects.filter(pk__in=users)


def deactivate(user: User, *, by: User) -> None:
    """End all sessions and links of a user and prevent sign-in. Raises LastAdministrator."""
    with LogContext(user=by):
        user.is_active = False
        user.save()


def hand_over(holding: Holding, leaver: User, heir: User, *, by: User) -> int:
    """Reassign everything of one kind to the heir and log it; returns how many rows.

    Raises ValidationError, and then nothing is reassigned.
    """
    with transaction.atomic():
        if not holding.heirs(leaver).filter(pk=heir.pk).exists():
            raise NotAnHeir(heir)
        rows = holding.rows().filter(pk__in=[row.pk for row in holding.held_by(leaver)])
        count = rows.count()
        names = [str(row) for row in rows]
        holding.hand_over(rows, leaver, heir, by)
        data = {"kind": str(holding.title), "heir": str(heir), "count": count, "rows": names[:100]}
        log(leaver, "people.hand_over", user=by, data=data)
    return count
