"""Publishing's part of a video's page in the admin."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from videos.media.models import Cut
from videos.planning.models import Stage
from videos.planning.panels import VideoPanel
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.readiness import why_not
from videos.review.approvals import approved_cut


class PublicPagePanel(VideoPanel):
    """The public page of a video: whether there is one, what it shows, what keeps it back."""

    order = 400
    heading = _("Public page")
    icon = "globe"
    anchor = "public-page"
    template_name = "publishing/panels/public_page.html"

    def is_shown(self) -> bool:
        video = self.video
        may_see = self.request.user.has_perm("planning.view_video")
        return may_see and not video.imported and video.stage != Stage.CANCELLED

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        page = VideoPage.objects.filter(video=self.video).select_related("cut").first()
        approved = approved_cut(self.video)
        return super().get_context_data(parent_context) | {
            "page": page,
            "why_not": why_not(self.video, approved),
            **(self.with_page(page, approved) if page else self.without_page()),
        }

    def without_page(self) -> dict[str, Any]:
        """What is offered while there is no page."""
        index = VideoIndexPage.objects.first()
        user = self.request.user
        return {"may_make": bool(index and index.permissions_for_user(user).can_add_subpage())}

    def with_page(self, page: VideoPage, approved: Cut | None) -> dict[str, Any]:
        """What is offered for a page, by what the user may do with it."""
        may = page.permissions_for_user(self.request.user)
        newer = approved if page.live and approved and approved.pk != page.cut_id else None
        scheduled = page.scheduled_revision
        return {
            "may_publish": may.can_publish(),
            "may_unpublish": may.can_unpublish(),
            "newer": newer,
            "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk])
            if may.can_edit()
            else "",
            "goes_live_at": scheduled.approved_go_live_at if scheduled else None,
        }
