"""Puts the desk on Wagtail's home page, and makes the admin the studio's own."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission

from studio.desk.panels import panels_for


@hooks.register("construct_homepage_panels")
def add_desk(request: HttpRequest, panels: list[Any]) -> None:
    """The desk's panels stand before Wagtail's own, which only those who edit pages see."""
    if not user_has_any_page_permission(request.user):
        panels.clear()
    panels.extend(panels_for(request))


@hooks.register("construct_homepage_summary_items", order=900)
def leave_counts_to_the_lists(request: HttpRequest, items: list[Any]) -> None:
    """How many pages, images and documents there are waits for nobody."""
    items.clear()


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    """The studio's mark, and targets for thumbs."""
    return format_html('<link rel="stylesheet" href="{}">', static("desk/admin.css"))


@hooks.register("construct_main_menu")
def leave_out_help(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail's release notes and guide are news to who runs the studio, not to who works in it."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "help"]
