"""The audience's panel on a video's page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from videos.audience.access import may_share, visible_links
from videos.audience.addresses import share_url, views_url
from videos.audience.counting import NotCounted
from videos.audience.evidence import tally
from videos.audience.models import View
from videos.audience.public import public_page, reach
from videos.planning.models import Stage
from videos.planning.panels import VideoPanel

LINKS = 5


class AudiencePanel(VideoPanel):
    """Who watched the video, and the links that the signed-in rep made to it."""

    order = 600
    heading = _("Audience")
    icon = "group"
    anchor = "audience"
    template_name = "audience/video_panel.html"

    def is_shown(self) -> bool:
        if not self.request.user.has_perm("audience.view_view"):
            return False
        public = self.video.stage in {Stage.PUBLISHED, Stage.RETIRED}
        return public or View.objects.filter(video=self.video).exists()

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        count = tally(self.video)
        mine = visible_links(user).filter(rep=user.pk, video=self.video).with_watched()
        shareable = may_share(user) and public_page(self.video) is not None
        return {
            **super().get_context_data(parent_context),
            "counted": count[None],
            "not_counted": [
                (reason.label, count[reason]) for reason in NotCounted if count[reason]
            ],
            "links": mine.select_related("contact")[:LINKS],
            "may_share": may_share(user),
            "share_url": share_url(video=self.video) if shareable else "",
            "warning": reach(self.video).warning if shareable else "",
            "views_url": views_url(video=self.video),
        }
