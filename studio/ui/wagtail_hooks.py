"""Adds the shared stylesheets and scripts to every page of the admin."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks


@hooks.register("insert_global_admin_css")
def ui_css() -> str:
    """Styles of badges, lists and pages of one object."""
    return format_html('<link rel="stylesheet" href="{}">', static("ui/ui.css"))


@hooks.register("insert_global_admin_css", order=100)  # after the stylesheets of the rooms
def admin_css() -> str:
    """Styles of the admin itself: the logo, and buttons large enough for touch."""
    return format_html('<link rel="stylesheet" href="{}">', static("ui/admin.css"))


@hooks.register("insert_global_admin_js")
def admin_js() -> str:
    """The script that names the link to the home page."""
    return format_html('<script type="module" src="{}"></script>', static("ui/brand.js"))
