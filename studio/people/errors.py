"""Refusals about users and groups."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from studio.people.models import User


class UserRefused(ValidationError):
    """Base class: an act on a user that would break a rule."""


class AddressTaken(UserRefused):
    """The e-mail address belongs, or once belonged, to another user."""

    def __init__(self, address: str, holder: "User") -> None:
        text = _("%(address)s is or was the address of %(holder)s. No other user can get it.")
        super().__init__(text, "address_taken", {"address": address, "holder": holder})


class LastAdministrator(UserRefused):
    """The last active administrator must stay."""

    def __init__(self, user: "User") -> None:
        text = _(
            "%(user)s is the last active administrator. Make somebody else an administrator first."
        )
        super().__init__(text, "last_administrator", {"user": user})


class RoleStays(UserRefused):
    """A role's group cannot be renamed or deleted: it is found by its name."""

    def __init__(self, name: str) -> None:
        text = _(
            "“%(role)s” is a role of the studio: its group cannot be renamed or deleted. To take "
            "the role from people, change their groups under Users."
        )
        super().__init__(text % {"role": name}, "role_stays")
