"""Wagtail hooks of media: URLs, menu item, and panels on the page of a video."""

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from videos.media.access import may_see_cuts
from videos.media.admin.list_pictures import picture
from videos.media.admin.panels import CutsPanel, ScreenPanel
from videos.media.admin.urls import cut_urls
from videos.media.admin.views import job_queue, upload_api, upload_form
from videos.media.log_actions import register_actions
from videos.planning.admin.panels import register_video_panel

register_video_panel(CutsPanel)
register_video_panel(ScreenPanel)
hooks.register("register_log_actions", register_actions)


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The queue, and what is done with cuts."""
    return [
        path("cuts/", job_queue.CutsView.as_view(), name="media_cuts"),
        path("cuts/picture/<uuid:key>/<slug:version>.webp", picture, name="media_picture"),
        path("cuts/upload/<int:pk>/", upload_form.UploadView.as_view(), name="media_upload"),
        path("cuts/<int:pk>/state/", job_queue.CutStateView.as_view(), name="media_cut_state"),
        path("cuts/<int:pk>/retry/", job_queue.RetryView.as_view(), name="media_retry"),
        path("cuts/<int:pk>/cancel/", job_queue.CancelView.as_view(), name="media_cancel"),
        path("cuts/<int:pk>/priority/", job_queue.PriorityView.as_view(), name="media_priority"),
        *upload_api.urlpatterns,
        *cut_urls,
    ]


class CutsMenuItem(MenuItem):
    """Shown to who may see cuts."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see_cuts(request.user)


@hooks.register("register_admin_menu_item")
def register_cuts() -> MenuItem:
    """The queue in the menu."""
    return CutsMenuItem(_("Cuts"), reverse("media_cuts"), icon_name="upload", order=155)


@hooks.register("insert_global_admin_css")
def media_css() -> str:
    """Rows of cuts, and the upload."""
    return format_html('<link rel="stylesheet" href="{}">', static("media/media.css"))
