"""The review's panel on a video's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from videos.media.delivery.attachments import download_of
from videos.planning.admin.panels import VideoPanel
from videos.review.access import may_watch, reviewers_of, waiting_for
from videos.review.approvals import approved_cut, newest_early_cut, newest_ready_cut
from videos.review.models import Verdict


class ReviewPanel(VideoPanel):
    """The verdicts on the cuts of a video, and who is asked to review."""

    order = 300
    heading = _("Review")
    icon = "glasses"
    anchor = "review"
    comes_later = True
    template_name = "review/panels/review.html"

    class Media:
        css = {"all": ["review/review.css"]}

    def is_shown(self) -> bool:
        return not self.video.imported and may_watch(self.request.user)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        cut = newest_ready_cut(self.video.pk)
        return super().get_context_data(parent_context) | {
            "cut": cut,
            "early": newest_early_cut(self.video.pk),
            "approved": approved_cut(self.video),
            "has_download": bool(cut and download_of(cut)),
            "asked": reviewers_of(cut) if cut else [],
            "open_comments": cut.comments.open().count() if cut else 0,
            "is_waiting_for_me": cut in waiting_for(self.request.user).filter(video=self.video),
            "verdicts": Verdict.objects.filter(cut__video=self.video).select_related("by", "cut")[
                :5
            ],
        }
