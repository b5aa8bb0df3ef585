"""The order of the admin's menu, and URLs, styles and log actions of users."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.log_actions import LogActionRegistry

from studio import changes, spreadsheets
from studio.people import log_actions
from studio.people.admin.views.invitations import InvitationViewSet, RolesView
from studio.people.admin.views.leaving import LeavingView
from studio.people.admin.viewsets import AssignRole, DeleteUsers, SetActiveState

AFTER_OURS = 260


class HistoryPaginator(WagtailPaginator):
    """Counts log entries as “entries”, not as “model log entries”."""

    verbose_name = pgettext_lazy("history", "entry")
    verbose_name_plural = pgettext_lazy("history", "entries")


for view in (HistoryView, LogEntriesView):
    view.paginator_class = HistoryPaginator


@hooks.register("construct_reports_menu")
def keep_the_history_to_superusers(request: HttpRequest, items: list[MenuItem]) -> None:
    """Hide Wagtail's site history from everybody but superusers, as its view does."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "site-history"]


@hooks.register("construct_main_menu")
def put_pages_after_the_rooms(request: HttpRequest, items: list[MenuItem]) -> None:
    """Move Wagtail's page explorer after the studio's own menu items."""
    for item in items:
        if item.name == "explorer":
            item.order = AFTER_OURS


@hooks.register("insert_global_admin_css")
def people_css() -> str:
    """Add the stylesheet of invitations and roles."""
    return format_html('<link rel="stylesheet" href="{}">', static("people/people.css"))


AFTER_WAGTAILS = 100  # registered first, so that ours replace Wagtail's
for action in (AssignRole, DeleteUsers, SetActiveState):
    hooks.register("register_bulk_action", action, order=AFTER_WAGTAILS)


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """Register the URLs of leaving users and of roles."""
    return [
        path("people/<int:pk>/leaving/", LeavingView.as_view(), name="people_leaving"),
        path("people/roles/", RolesView.as_view(), name="people_roles"),
    ]


@hooks.register("register_admin_viewset")
def register_invitations() -> InvitationViewSet:
    """Register the viewset of invitations."""
    return InvitationViewSet()


@hooks.register("register_settings_menu_item")
def register_roles() -> MenuItem:
    """Add the list of roles to the menu, for everybody."""
    return MenuItem(_("Roles"), reverse("people_roles"), icon_name="group", order=610)


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    """Register log actions."""
    log_actions.register(actions)
    spreadsheets.register(actions)


@hooks.register("register_log_actions", order=AFTER_WAGTAILS)
def register_changes(actions: LogActionRegistry) -> None:
    """Register formatters that show values before and after a change."""
    changes.register(actions)
