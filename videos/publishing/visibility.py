"""Who may watch a page: everybody, or only some people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import Page, PageViewRestriction

from studio.changes import quoted

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
        """Who may watch, in whole sentences for staff."""
        if not self.is_restricted:
            return _("Anyone with the link can watch it.")
        sentences = []
        if self.password:
            sentences.append(_("Only people who know its password can watch it."))
        if self.sign_in:
            sentences.append(
                _("They must also be signed in to the studio.")
                if sentences
                else _("Only people who are signed in to the studio can watch it.")
            )
        for names in self.groups:
            sentences.append(group_sentence(names, is_first=not sentences))
        return " ".join(sentences)

    @property
    def warning(self) -> str:
        """What people need to know who send the link to a prospect; "" for nothing."""
        if not self.is_restricted:
            return ""
        if self.is_for_staff:
            advice = _("Prospects have no account, so they cannot watch it.")
        else:
            advice = _("Send the password in a separate message.")
        return f"{self.description} {advice}"


def group_sentence(names: tuple[str, ...], *, is_first: bool) -> str:
    """Which groups may watch; without names, administrators only."""
    if not names:
        if is_first:
            return _("Only administrators can watch it.")
        return _("They must also be administrators.")
    text = (
        _("Only members of %(groups)s can watch it.")
        if is_first
        else _("They must also be members of %(groups)s.")
    )
    return text % {"groups": get_text_list([quoted(name) for name in names], _("or"))}


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
