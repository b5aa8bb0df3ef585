"""The admin's menu (our rooms first, Wagtail's own pages after them), and the acts on people."""

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.log_actions import LogActionRegistry

from studio import changes
from studio.people.leaving_views import LeavingView
from studio.people.viewsets import AssignRole, SetActiveState

AFTER_OURS = 260


class HistoryPaginator(WagtailPaginator):
    """Counts what is on record in people's words, not as “model log entries”."""

    verbose_name = _("entry")
    verbose_name_plural = _("entries")


for view in (HistoryView, LogEntriesView):
    view.paginator_class = HistoryPaginator


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


AFTER_WAGTAILS = 100  # so that ours take the place of Wagtail's
for action in (AssignRole, SetActiveState):
    hooks.register("register_bulk_action", action, order=AFTER_WAGTAILS)


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """What somebody who leaves leaves behind."""
    return [path("people/<int:pk>/leaving/", LeavingView.as_view(), name="people_leaving")]


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    """Make the log know what happens to people."""
    actions.register_action("people.address", _("Change an address"), _("Address changed"))
    actions.register_action("people.deactivate", _("Deactivate"), _("Deactivated"))
    actions.register_action("people.activate", _("Activate"), _("Activated"))
    actions.register_action("people.hand_over", _("Hand over"), _("Handed over to another"))


@hooks.register("register_log_actions", order=AFTER_WAGTAILS)
def register_changes(actions: LogActionRegistry) -> None:
    """Make histories say what changed, with the values before and after."""
    changes.register(actions)
