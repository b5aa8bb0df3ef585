"""The audience's panel on a video's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from videos.audience.access import may_resolve, may_share, visible_links
from videos.audience.models import View
from videos.audience.public import public_page, visibility_of_video
from videos.audience.tracking.counting import ExclusionReason
from videos.audience.tracking.evidence import count_views_by_reason
from videos.audience.tracking.playback_problems import open_problem
from videos.audience.urls_for import share_url, views_url
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage

LINKS = 5


class AudiencePanel(VideoPanel):
    """Who watched the video, and the links that the signed-in rep made to it."""

    order = 600
    heading = _("Audience")
    icon = "group"
    anchor = "audience"
    comes_later = True
    template_name = "audience/panels/audience.html"

    def is_shown(self) -> bool:
        if not self.request.user.has_perm("audience.view_view"):
            return False
        public = self.video.stage in {Stage.PUBLISHED, Stage.RETIRED}
        return public or View.objects.filter(video=self.video).exists()

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        count = count_views_by_reason(self.video)
        mine = visible_links(user).filter(rep=user.pk, video=self.video).with_watched()
        shareable = may_share(user) and public_page(self.video) is not None
        return {
            **super().get_context_data(parent_context),
            "counted": count[None],
            "not_counted": [
                (reason.label, count[reason]) for reason in ExclusionReason if count[reason]
            ],
            "links": mine.select_related("contact")[:LINKS],
            "may_share": may_share(user),
            "share_url": share_url(video=self.video) if shareable else "",
            "problem": open_problem(self.video) if may_resolve(user) else None,
            "warning": visibility_of_video(self.video).warning if shareable else "",
            "views_url": views_url(video=self.video),
        }
