"""How public a page is: who may watch what it shows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction

KIND = PageViewRestriction


@dataclass(frozen=True)
class Reach:
    """What visitors have to pass, by the privacy of a page and of those above it.

    `groups` holds, for each restriction to groups, the names of those of which one will do.
    """

    password: bool = False
    sign_in: bool = False
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def is_restricted(self) -> bool:
        return self != Reach()

    @property
    def is_for_staff(self) -> bool:
        """Whether people without an account cannot watch, whatever they were sent."""
        return self.sign_in or bool(self.groups)

    @property
    def in_words(self) -> str:
        """One sentence, for people of the studio."""
        if not self.is_restricted:
            return _("Everybody with the address can watch it.")
        conditions = []
        if self.password:
            conditions.append(_("knows its password"))
        if self.sign_in:
            conditions.append(_("is signed in to the studio"))
        for names in self.groups:
            among = get_text_list([f"“{name}”" for name in names], _("or"))
            conditions.append(
                _("belongs to %(groups)s") % {"groups": among}
                if names
                else _("administers the studio")
            )
        return _("Only who %(conditions)s can watch it.") % {
            "conditions": get_text_list(conditions, _("and"))
        }

    @property
    def warning(self) -> str:
        """What whoever sends the address to somebody outside has to know; "" for nothing."""
        if not self.is_restricted:
            return ""
        if self.is_for_staff:
            return f"{self.in_words} {_('A prospect without an account here cannot.')}"
        return f"{self.in_words} {_('Send the password, too, in a message of its own.')}"


def reach_of(page: Page) -> Reach:
    """How public a page is, if it is live."""
    restrictions = list(page.get_view_restrictions().prefetch_related("groups"))
    kinds = {one.restriction_type for one in restrictions}
    return Reach(
        password=KIND.PASSWORD in kinds,
        sign_in=KIND.LOGIN in kinds,
        groups=tuple(
            tuple(sorted(group.name for group in one.groups.all()))
            for one in restrictions
            if one.restriction_type == KIND.GROUPS
        ),
    )
