"""Tells the person at the terminal who can sign in, and what is still being made."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.operations.demo.cast import PEOPLE
from studio.operations.demo.password import kept_password
from studio.operations.demo.premiere import awaited
from studio.people.models import User


def sign_ins() -> Iterator[str]:
    """A table of role, name and address with the one password; nothing where there is no demo."""
    password = kept_password()
    emails = set(User.objects.values_list("email", flat=True))
    people = [person for person in PEOPLE if person.email in emails]
    if not (password and people):
        return
    yield ""
    yield _("Sign in as:")
    for person in people:
        name = f"{person.first_name} {person.last_name}"
        yield f"  {person.role.label!s:<15}{name:<18}{person.email}"
    yield _("Password of all of them: %(password)s") % {"password": password}


def being_made() -> Iterator[str]:
    """What the worker still makes; nothing when all is there."""
    waiting = awaited()
    if not waiting:
        return
    yield ""
    yield ngettext(
        "Still being made, while you look round: the footage of %(count)d video.",
        "Still being made, while you look round: the footage of %(count)d videos.",
        len(waiting),
    ) % {"count": len(waiting)}
    for title in waiting:
        yield f"  {title}"
    yield _("The first can be watched in less than a minute, the last in a few.")
