"""What the budget adds to the admin."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, include, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogActionRegistry, LogFormatter

from budgets import access
from budgets.access import Someone
from budgets.ledger import POSTED_AGAIN
from budgets.models import Entry
from budgets.video_panel import BudgetPanel
from budgets.viewsets import VIEWSETS
from studio.changes import ChangeFormatter
from videos.planning.panels import register_video_panel

register_video_panel(BudgetPanel)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Lines, budgets and periods."""
    return VIEWSETS


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The report, the ledger and the acts."""
    return [path("budget/", include("budgets.urls"))]  # type: ignore[list-item]


class EarlierChange(ChangeFormatter):
    """Rows of the log that are not written any more, and stay readable."""

    label = _("Change budgets, lines and periods")
    message = _("Edited")
    key = "changes"


class PostedAgain(LogFormatter):
    """Says which expense the new one looks like."""

    label = _("Post an expense that looks like another")

    def format_message(self, log_entry: Any) -> str:
        alike = Entry.objects.select_related("line__budget").get(pk=log_entry.data["alike"])
        text = _t("Posted all the same: it looks like #%(key)s, %(entry)s of %(day)s.")
        values = {"key": alike.pk, "entry": alike, "day": date_format(alike.posted_on)}
        return text % values


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """What changed before `wagtail.edit` told it, and expenses that look like others."""
    actions.register_action("budgets.change")(EarlierChange)
    actions.register_action(POSTED_AGAIN)(PostedAgain)


@hooks.register("insert_global_admin_css")
def budgets_css() -> str:
    """Numbers and bars."""
    return format_html('<link rel="stylesheet" href="{}">', static("budgets/budgets.css"))


class Item(MenuItem):
    """A menu item that those see who may use it."""

    def __init__(self, label: Any, url: str, allowed: Callable[[Someone], bool], order: int):
        super().__init__(label, reverse(url), order=order)
        self.allowed = allowed

    def is_shown(self, request: HttpRequest) -> bool:
        return self.allowed(request.user)


def permits(name: str) -> Callable[[Someone], bool]:
    """Whether a user has the permission."""
    return lambda user: user.has_perm(name)


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    """The budget in the menu."""
    items = [
        Item(_("Report"), "budgets:report", access.sees_report, 10),
        Item(_("Estimates"), "budgets:estimates", access.sees_estimates, 20),
        Item(_("Post an expense"), "budgets:expense", access.posts, 30),
        Item(_("Entries"), "budgets:entries", access.sees_report, 40),
        Item(_("Lines"), "budget_lines:index", permits("budgets.view_line"), 50),
        Item(_("Budgets"), "budget_budgets:index", permits("budgets.view_budget"), 60),
        Item(_("Periods"), "budget_periods:index", permits("budgets.view_period"), 70),
    ]
    return SubmenuMenuItem(_("Budget"), Menu(items=items), icon_name="table", order=250)
