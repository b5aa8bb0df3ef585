"""Publishing's part of a video's page in the admin."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from videos.media.cuts.carry_over import lines_in_words, losses, outside
from videos.media.cuts.published import is_changed
from videos.media.models import Cut
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage
from videos.publishing.forms import CutForm
from videos.publishing.models import VideoIndexPage, VideoPage
from videos.publishing.public_text import text_changes, text_from_video, text_of_page
from videos.publishing.readiness import lock_blocker, publish_blocker
from videos.review.approvals import approved_cut, is_newer, is_sent_back


class PublicPagePanel(VideoPanel):
    """The public page of a video: whether there is one, what it shows, what keeps it back."""

    order = 400
    heading = _("Public page")
    icon = "globe"
    anchor = "public-page"
    comes_later = True
    template_name = "publishing/panels/public_page.html"

    @cached_property
    def page(self) -> VideoPage | None:
        pages = VideoPage.objects.select_related("cut__current_set")
        page: VideoPage | None = pages.filter(video=self.video).first()
        if page:
            page.video = self.video  # and the other panels find it there
        return page

    @property
    def standing(self) -> str:
        return self.page.visibility.description if self.page and self.page.live else ""

    def is_shown(self) -> bool:
        video = self.video
        may_see = self.request.user.has_perm("planning.view_video")
        return may_see and not video.imported and video.stage != Stage.CANCELLED

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        page = self.page
        approved = approved_cut(self.video)
        return super().get_context_data(parent_context) | {
            "page": page,
            "why_not": publish_blocker(self.video, approved),
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
        locked = lock_blocker(page, self.request.user) if may.can_publish() else None
        may_publish = may.can_publish() and not locked
        public = page.cut if page.live else None
        offered = None if approved == public else approved
        scheduled = None if page.live else page.scheduled_revision
        now = text_from_video(self.video)
        return {
            **(self.with_publishing(page, offered) if may_publish else {}),
            "changes": text_changes(text_of_page(page), now) if page.live else [],
            "text": now.digest,
            "visibility": page.visibility,
            "locked": locked,
            "may_publish": may_publish,
            "may_retire": may.can_retire() and not locked,
            "offered": offered,
            "is_older": bool(public and offered and is_newer(public, offered)),
            "is_sent_back": public is not None and public != approved and is_sent_back(public),
            "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk])
            if may.can_edit()
            else "",
            "goes_live_at": scheduled.approved_go_live_at if scheduled else None,
        }

    def with_publishing(self, page: VideoPage, offered: Cut | None) -> dict[str, Any]:
        """What somebody reads who may publish: what viewers would lose, or do not have yet."""
        changed: dict[str, Any] = {}
        if page.live and page.cut and is_changed(page.cut):
            changed = {"is_changed": True, "taken_away": losses(page.cut, page.cut).in_words}
        if offered is None:
            return changed
        missing = losses(page.cut, offered)
        silent = not offered.captions.with_words().exists()
        said = {"cut": offered, "carry": True, "known": missing.in_words, "shift": 0}
        return changed | {
            "losses": missing.in_words,
            "lines_outside": lines_in_words(outside(page.cut, offered)),
            "cut_form": CutForm(self.video, initial=said, auto_id="carry_%s"),
            "without_captions": silent and not missing.captions,
        }
