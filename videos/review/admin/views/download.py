"""The download of an approved cut as MP4, for reps to send or to show offline."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from videos.media.cuts.page_parts import CutPart, register_cut_part
from videos.media.delivery.attachments import download_of, mp4_of
from videos.media.models import Cut
from videos.media.renditions.sound_guards import register_sound_guard
from videos.review.access import may_watch
from videos.review.approvals import approved_cuts


def is_approved(cut: Cut) -> bool:
    """Whether the latest verdict approves the file that the cut has now."""
    return approved_cuts().filter(pk=cut.pk).exists()


class DownloadView(View):
    """The MP4 of a cut, if it is approved."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not may_watch(request.user):
            raise PermissionDenied
        cut = get_object_or_404(Cut.objects.select_related("video", "current_set"), pk=pk)
        if not is_approved(cut):
            raise Http404
        return mp4_of(request, cut)


@register_sound_guard
def keep_approved_audio(cut: Cut) -> str:
    """Refuse another audio track for an approved cut."""
    if not is_approved(cut):
        return ""
    return _("This cut is approved, so its audio cannot be changed. Upload a new cut instead.")


@register_cut_part
class VerdictPart(CutPart):
    """The latest verdict on the cut, and the download if it is approved."""

    heading = gettext_lazy("Review")
    template_name = "review/cut_part.html"

    class Media:
        css = {"all": ["review/review.css"]}

    def is_shown(self) -> bool:
        return may_watch(self.request.user) and self.cut.state != Cut.State.REFUSED

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        approved = is_approved(self.cut)
        return super().get_context_data(parent_context) | {
            "approved": approved,
            "has_download": approved and bool(download_of(self.cut)),
            "verdict": self.cut.verdicts.select_related("by").first(),
        }
