"""Registers the budget with Wagtail's admin."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogActionRegistry

from budgets import access, log_actions
from budgets.access import Someone
from budgets.admin.panels import BudgetPanel
from budgets.admin.viewsets import VIEWSETS
from videos.planning.admin.panels import register_video_panel

register_video_panel(BudgetPanel)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Register lines, budgets and periods."""
    return VIEWSETS


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Register the URLs of the report, the ledger and the forms."""
    return [path("budget/", include("budgets.admin.urls"))]  # type: ignore[list-item]


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the log actions."""
    log_actions.register(actions)


@hooks.register("insert_global_admin_css")
def budgets_css() -> str:
    """Add the stylesheet."""
    return format_html('<link rel="stylesheet" href="{}">', static("budgets/budgets.css"))


class Item(MenuItem):
    """A menu item that is shown to users who are `allowed`."""

    def __init__(
        self, label: Any, url: str, allowed: Callable[[Someone], bool], order: int
    ) -> None:
        super().__init__(label, reverse(url), order=order)
        self.allowed = allowed

    def is_shown(self, request: HttpRequest) -> bool:
        return self.allowed(request.user)


def permits(name: str) -> Callable[[Someone], bool]:
    """Return a check whether a user has the permission."""
    return lambda user: user.has_perm(name)


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    """Add the budget to the menu."""
    items = [
        Item(_("Report"), "budgets_report", access.may_see_report, 10),
        Item(_("Estimates"), "budgets_estimates", access.may_see_estimates, 20),
        Item(_("Post an expense"), "budgets_expense", access.may_post_expense, 30),
        Item(_("Entries"), "budgets_entries", access.may_see_report, 40),
        Item(_("Set up a fiscal year"), "budgets_year", access.may_set_up, 45),
        Item(_("Lines"), "budgets_lines:index", permits("budgets.view_line"), 50),
        Item(_("Budgets"), "budgets_budgets:index", permits("budgets.view_budget"), 60),
        Item(_("Periods"), "budgets_periods:index", permits("budgets.view_period"), 70),
    ]
    return SubmenuMenuItem(_("Budget"), Menu(items=items), icon_name="table", order=250)
