"""What the audience adds to the admin."""

from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogActionRegistry

from videos.audience.admin.choosers import company_chooser, contact_chooser
from videos.audience.admin.panels import AudiencePanel
from videos.audience.admin.views.problems import resolve_problem
from videos.audience.admin.viewsets import (
    CompanyViewSet,
    ContactViewSet,
    ShareLinkViewSet,
    ViewViewSet,
    views_menu_item,
)
from videos.planning.admin.panels import register_video_panel

register_video_panel(AudiencePanel)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ViewSet]:
    """Lists, forms and pages of the audience, and the choosers of contacts and companies."""
    return [
        ShareLinkViewSet(),
        ContactViewSet(),
        CompanyViewSet(),
        ViewViewSet(),
        contact_chooser,
        company_chooser,
    ]


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The URL that marks a playback problem as resolved."""
    return [
        path(
            "audience/problems/<int:pk>/resolve/",
            resolve_problem,
            name="audience_problem_resolve",
        )
    ]


@hooks.register("register_log_actions")
def register_actions(actions: LogActionRegistry) -> None:
    """The entry in a video's history when a playback problem is resolved."""
    actions.register_action(
        "audience.problem.resolve",
        _("Mark a playback problem as solved"),
        _("Marked a playback problem as solved"),
    )


@hooks.register("register_reports_menu_item")
def register_views_item() -> MenuItem:
    """The list of views, among the reports."""
    return views_menu_item()


@hooks.register("insert_global_admin_css")
def audience_css() -> str:
    """The stylesheet of the audience's pages."""
    return format_html('<link rel="stylesheet" href="{}">', static("audience/audience.css"))
