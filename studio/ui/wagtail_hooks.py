"""What all rooms draw with, on every page of the admin."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks


@hooks.register("insert_global_admin_css")
def ui_css() -> str:
    """Badges, lists whose rows become cards, and pages of one thing."""
    return format_html('<link rel="stylesheet" href="{}">', static("ui/ui.css"))


@hooks.register("insert_global_admin_css", order=100)  # after the stylesheets of the rooms
def admin_css() -> str:
    """The studio's mark, and targets for thumbs."""
    return format_html('<link rel="stylesheet" href="{}">', static("ui/admin.css"))


@hooks.register("insert_global_admin_js")
def admin_js() -> str:
    """What the link to the home page is called."""
    return format_html('<script type="module" src="{}"></script>', static("ui/brand.js"))
