"""What the audience adds to the admin."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet

from videos.audience.panels import AudiencePanel
from videos.audience.viewsets import (
    CompanyViewSet,
    ContactViewSet,
    ShareLinkViewSet,
    ViewViewSet,
    views_menu_item,
)
from videos.planning.panels import register_video_panel

register_video_panel(AudiencePanel)


@hooks.register("register_admin_viewset")
def register_viewsets() -> list[ModelViewSet]:
    """Share links, contacts, companies, and the views."""
    return [ShareLinkViewSet(), ContactViewSet(), CompanyViewSet(), ViewViewSet()]


@hooks.register("register_reports_menu_item")
def register_views_item() -> MenuItem:
    """The list of views, among the reports."""
    return views_menu_item()


@hooks.register("insert_global_admin_css")
def audience_css() -> str:
    """Numbers at the right, and the text to send a link with."""
    return format_html('<link rel="stylesheet" href="{}">', static("audience/audience.css"))
