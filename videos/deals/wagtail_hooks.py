"""Registers the screens of deals in the admin."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import LogActionRegistry
from wagtail.permissions import register_permission_policy

from videos.deals import log_actions
from videos.deals.access import ImportPermissionPolicy, OwnDealsPermissionPolicy, may_see_influence
from videos.deals.admin.panels import TouchesPanel
from videos.deals.admin.views.imports import ImportViewSet
from videos.deals.admin.views.influence import DealsBehindView, EvidenceView, InfluenceView
from videos.deals.admin.viewsets import DealViewSet
from videos.deals.models import Deal, Import
from videos.planning.admin.panels import register_video_panel

register_permission_policy(Deal, OwnDealsPermissionPolicy(Deal))
register_permission_policy(Import, ImportPermissionPolicy(Import))
register_video_panel(TouchesPanel)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ModelViewSet]:
    """The viewsets of deals and imports."""
    return [DealViewSet(), ImportViewSet()]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The influence report, and the deals and views behind its numbers."""
    return [
        path("influence/", InfluenceView.as_view(), name="deals_influence"),
        path("influence/views/", EvidenceView.as_view(), name="deals_evidence"),
        path("influence/deals/", DealsBehindView.as_view(), name="deals_compared"),
    ]


class InfluenceMenuItem(MenuItem):
    """The influence report, for those who may see it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see_influence(request.user)


@hooks.register("register_admin_menu_item")
def register_influence() -> MenuItem:
    """The influence report in the menu."""
    return InfluenceMenuItem(
        _("Influence"), reverse("deals_influence"), icon_name="crosshairs", order=240
    )


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    """Registers the log actions of deals."""
    log_actions.register(actions)


@hooks.register("insert_global_admin_css")
def deals_css() -> str:
    """Styles of the deal page and the influence report."""
    return format_html('<link rel="stylesheet" href="{}">', static("deals/deals.css"))
