"""Who leaves: their sessions end, and what they held waits for somebody to take it over.

Each room registers what of it hangs on a person: the rooms below know it, and this one asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from studio.people.models import User


class NotAnHeir(ValidationError):
    """Somebody who cannot take over."""

    def __init__(self, user: User) -> None:
        text = _("%(user)s cannot take these over: choose somebody who is active and may.")
        super().__init__(text, "not_an_heir", {"user": user})


@dataclass(frozen=True)
class Holding:
    """One kind of thing that hangs on people.

    `rows` are those that somebody must look after, `holder` is the path from a row to its user.
    `hand_over(rows, leaver, heir, by)` gives rows to the heir; it raises ValidationError where
    one cannot be given, and then none is. `may_take` are those of the active users who can.
    """

    name: str
    title: Any
    rows: Callable[[], QuerySet[Any]]
    holder: str
    hand_over: Callable[[QuerySet[Any], User, User, User], None]
    may_take: Callable[[QuerySet[User]], QuerySet[User]] = field(default=lambda users: users)

    def held_by(self, user: User) -> QuerySet[Any]:
        """The rows that hang on the user."""
        return self.rows().filter(**{self.holder: user}).distinct()

    def heirs(self, leaver: User) -> QuerySet[User]:
        """Who can take over from somebody."""
        return self.may_take(User.objects.filter(is_active=True)).exclude(pk=leaver.pk).distinct()


HOLDINGS: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Adds a kind of thing, in the order of the rooms."""
    HOLDINGS[holding.name] = holding


def held_by(user: User) -> list[tuple[Holding, QuerySet[Any]]]:
    """What hangs on the user, of every kind of which there is any."""
    found = ((holding, holding.held_by(user)) for holding in HOLDINGS.values())
    return [(holding, rows) for holding, rows in found if rows.exists()]


def left_behind() -> Iterable[User]:
    """The deactivated users on whom something hangs still."""
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
    """Ends all sessions and links of a user, who cannot sign in again. Raises LastAdministrator."""
    with transaction.atomic():
        user.is_active = False
        user.save()
        log(user, "people.deactivate", user=by)


def hand_over(holding: Holding, leaver: User, heir: User, *, by: User) -> int:
    """Gives everything of one kind to the heir, on record; how many that were.

    Raises ValidationError, and then nothing is given.
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
