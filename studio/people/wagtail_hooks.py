"""The order of the admin's menu: our rooms first, Wagtail's own pages after them."""

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem

AFTER_OURS = 260


@hooks.register("construct_reports_menu")
def keep_the_history_to_superusers(request: HttpRequest, items: list[MenuItem]) -> None:
    """As its page does."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "site-history"]


@hooks.register("construct_main_menu")
def put_pages_after_the_rooms(request: HttpRequest, items: list[MenuItem]) -> None:
    """The page explorer would stand first."""
    for item in items:
        if item.name == "explorer":
            item.order = AFTER_OURS
