"""Who may watch a page: everybody, or only some people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction

KIND = PageViewRestriction


@dataclass(frozen=True)
class Visibility:
    """The page privacy of a page and its ancestors.

    `groups` has one tuple of group names for each restriction to groups; one of them is enough.
    """

    password: bool = False
    sign_in: bool = False
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def is_restricted(self) -> bool:
        return self != Visibility()

    @property
    def is_for_staff(self) -> bool:
        """Whether only people with an account may watch."""
        return self.sign_in or bool(self.groups)

    @property
    def description(self) -> str:
        """One sentence for staff."""
        if not self.is_restricted:
            return _("Anyone with the link can watch it.")
        conditions = []
        if self.password:
            conditions.append(_("know its password"))
        if self.sign_in:
            conditions.append(_("are signed in to the studio"))
        for names in self.groups:
            among = get_text_list([f"“{name}”" for name in names], _("or"))
            conditions.append(
                _("belong to %(groups)s") % {"groups": among} if names else _("are administrators")
            )
        return _("Only people who %(conditions)s can watch it.") % {
            "conditions": get_text_list(conditions, _("and"))
        }

    @property
    def warning(self) -> str:
        """What people need to know who send the link to a prospect; "" for nothing."""
        if not self.is_restricted:
            return ""
        if self.is_for_staff:
            return f"{self.description} {_('Prospects have no account, so they cannot.')}"
        return f"{self.description} {_('Send the password in a separate message.')}"


def visibility_of(page: Page) -> Visibility:
    """Who may watch a page, if it is live."""
    restrictions = list(page.get_view_restrictions().prefetch_related("groups"))
    kinds = {one.restriction_type for one in restrictions}
    return Visibility(
        password=KIND.PASSWORD in kinds,
        sign_in=KIND.LOGIN in kinds,
        groups=tuple(
            tuple(sorted(group.name for group in one.groups.all()))
            for one in restrictions
            if one.restriction_type == KIND.GROUPS
        ),
    )
