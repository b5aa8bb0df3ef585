"""What cannot be done with users, each with its reason."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from studio.people.models import User


class UserRefused(ValidationError):
    """An act on a user that would break a rule."""


class AddressTaken(UserRefused):
    """The address is, or once was, somebody else's."""

    def __init__(self, address: str, holder: "User") -> None:
        text = _("%(address)s is or was the address of %(holder)s, and is never given to another.")
        super().__init__(text, "address_taken", {"address": address, "holder": holder})


class LastAdministrator(UserRefused):
    """Without this user nobody could administer the studio."""

    def __init__(self, user: "User") -> None:
        text = _(
            "%(user)s is the last active administrator and stays one. Make somebody else an "
            "administrator first."
        )
        super().__init__(text, "last_administrator", {"user": user})


class RoleStays(UserRefused):
    """The group of a role is what its members may do, and is found by its name."""

    def __init__(self, name: str) -> None:
        text = _(
            "“%(role)s” is a role of the studio: its group keeps its name and is not deleted. "
            "To take the role from people, change their groups under Users."
        )
        super().__init__(text % {"role": name}, "role_stays")
