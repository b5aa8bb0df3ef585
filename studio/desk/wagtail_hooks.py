"""Panels of the home page, and the menu items, URLs and search areas of the desk."""

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem

from studio.desk.admin.panels import panels_for
from studio.desk.admin.views import waiting
from studio.desk.admin.views.checklist import ChecklistPage
from studio.desk.admin.views.record import RecordView
from studio.desk.admin.views.search import KINDS, SearchView, everywhere, kind_area
from studio.desk.admin.views.settings import SettingEditView


@hooks.register("construct_homepage_panels")
def add_desk(request: HttpRequest, panels: list[Any]) -> None:
    """Add the desk's panels; keep Wagtail's only for users who may edit pages."""
    if not user_has_any_page_permission(request.user):
        panels.clear()
    panels.extend(panels_for(request))


@hooks.register("register_admin_urls", order=-1)  # before Wagtail's URL with the same path
def register_settings_urls() -> list[URLPattern]:
    """Register the form of a setting."""
    address = "settings/<slug:app_name>/<slug:model_name>/<int:pk>/"
    return [path(address, SettingEditView.as_view(), name="desk_setting")]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Register the URLs of the desk: search, tasks, report of actions, first steps."""
    return [
        path("search/", SearchView.as_view(), name="desk_search"),
        path("desk/waiting/", waiting.waiting, name="desk_waiting"),
        path("record/", RecordView.as_view(), name="desk_record"),
        path("record/results/", RecordView.as_view(results_only=True), name="desk_record_results"),
        path("first-steps/", ChecklistPage.as_view(), name="desk_first_steps"),
    ]


class AdministratorsItem(MenuItem):
    """A menu item for administrators."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


@hooks.register("register_settings_menu_item")
def register_first_steps() -> MenuItem:
    """Add the first steps to the settings menu."""
    url = reverse("desk_first_steps")
    return AdministratorsItem(_("First steps"), url, icon_name="list-ul", order=10)


@hooks.register("register_reports_menu_item")
def register_record() -> MenuItem:
    """Add “Who did what” to the reports menu."""
    url = reverse("desk_record")
    return AdministratorsItem(_("Who did what"), url, icon_name="history", order=990)


@hooks.register("construct_homepage_summary_items", order=900)
def hide_summary(request: HttpRequest, items: list[Any]) -> None:
    """Hide Wagtail's numbers of pages, images and documents: they ask nobody to do anything."""
    items.clear()


hooks.register("register_admin_search_area", everywhere)
for place in range(len(KINDS)):
    hooks.register("register_admin_search_area", partial(kind_area, place))


@hooks.register("construct_main_menu")
def hide_help(request: HttpRequest, items: list[Any]) -> None:
    """Hide Wagtail's help menu from everybody but superusers."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "help"]
