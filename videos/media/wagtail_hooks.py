"""The cuts in the admin: their part of a video's page, and the queue."""

from typing import Any

from django.forms import Script
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from videos.media import queue, upload_views, views
from videos.media.access import may_see_cuts, may_upload
from videos.media.cut_urls import cut_urls
from videos.media.forms import SourceForm
from videos.media.log_actions import register_actions
from videos.media.showing import cuts_of, removed_beside
from videos.media.uploader import uploader
from videos.media.uploads import TAKES_CUTS
from videos.planning.models import Stage
from videos.planning.panels import VideoPanel, register_video_panel

hooks.register("register_log_actions", register_actions)


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    """The queue, and what is done with cuts."""
    return [
        path("cuts/", queue.CutsView.as_view(), name="media_cuts"),
        path("cuts/upload/<int:pk>/", views.UploadView.as_view(), name="media_upload"),
        path("cuts/<int:pk>/state/", queue.CutStateView.as_view(), name="media_cut_state"),
        path("cuts/<int:pk>/retry/", queue.RetryView.as_view(), name="media_retry"),
        path("cuts/<int:pk>/cancel/", queue.CancelView.as_view(), name="media_cancel"),
        path("cuts/<int:pk>/priority/", queue.PriorityView.as_view(), name="media_priority"),
        *upload_views.urlpatterns,
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


@register_video_panel
class CutsPanel(VideoPanel):
    """A video's cuts: a new one, and what became of the others."""

    order = 200
    heading = _("Cuts")
    icon = "upload"
    anchor = "cuts"
    template_name = "media/panels/cuts.html"

    class Media:
        js = [
            Script("media/cuts.js", type="module"),
            Script("uploader/uploader.js", type="module"),
        ]

    def is_shown(self) -> bool:
        return not self.video.imported and may_see_cuts(self.request.user)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        takes_cuts = self.video.stage in TAKES_CUTS
        may = may_upload(self.request.user, self.video)
        rows = cuts_of(self.video, self.request.user)
        return super().get_context_data(parent_context) | {
            "rows": rows,
            "removed": removed_beside(rows, self.video),
            "form": SourceForm() if takes_cuts and may else None,
            "uploader": uploader(self.video),
            "is_first": self.video.stage in (Stage.SHOT, Stage.EDITING),
            "takes_cuts": takes_cuts,
            "may_upload": may,
        }
