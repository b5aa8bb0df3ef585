"""Puts the desk on Wagtail's home page."""

from typing import Any

from django.http import HttpRequest
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
