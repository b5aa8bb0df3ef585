"""The review in the admin: its pages, and its part of a video's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from videos.planning.panels import VideoPanel, register_video_panel
from videos.review.access import may_watch, reviewers_of, waiting_for
from videos.review.approvals import approved_cut, newest_early, newest_ready
from videos.review.downloads import download_of
from videos.review.models import Verdict
from videos.review.viewsets import ReviewViewSet


@hooks.register("register_admin_viewset")
def register_review_viewset() -> ReviewViewSet:
    """The review's pages under `/admin/review/`."""
    return ReviewViewSet("review")


@register_video_panel
class ReviewPanel(VideoPanel):
    """What was said of a video's cuts, and whose word is missing."""

    order = 300
    heading = _("Review")
    icon = "glasses"
    anchor = "review"
    template_name = "review/panels/review.html"

    class Media:
        css = {"all": ["review/review.css"]}

    def is_shown(self) -> bool:
        return not self.video.imported and may_watch(self.request.user)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        cut = newest_ready(self.video.pk)
        return super().get_context_data(parent_context) | {
            "cut": cut,
            "early": newest_early(self.video.pk),
            "approved": approved_cut(self.video),
            "has_download": bool(cut and download_of(cut)),
            "asked": reviewers_of(cut) if cut else [],
            "is_waiting_for_me": cut in waiting_for(self.request.user).filter(video=self.video),
            "verdicts": Verdict.objects.filter(cut__video=self.video).select_related("by", "cut")[
                :5
            ],
        }
