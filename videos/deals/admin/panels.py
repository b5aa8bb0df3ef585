"""The panel with a video's touches, on the video's page."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from studio.formats.money import shown
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.attribution.influence import InfluenceReport
from videos.deals.attribution.load import deals_touched_by, influence_report, studio_params
from videos.deals.reports.evidence import evidence, touches_of
from videos.deals.reports.excluded_deals import excluded_deals
from videos.deals.urls_for import deals_behind_url, evidence_url, influence_url
from videos.planning.admin.panels import VideoPanel
from videos.planning.models import Stage

LATEST = 5


class TouchesPanel(VideoPanel):
    """The won deals that the video influenced, and its latest touches."""

    order = 700
    heading = _("Touches")
    icon = "crosshairs"
    anchor = "touches"
    comes_later = True
    template_name = "deals/panels/touches.html"

    def is_shown(self) -> bool:
        public = self.video.stage in {Stage.PUBLISHED, Stage.RETIRED}
        return public and may_see_influence(self.request.user)

    @cached_property
    def report(self) -> InfluenceReport:
        """Of the deals that the video may have touched: what it says of others is not shown."""
        deals = deals_touched_by(self.video)
        if (own := reported_deals(self.request.user)) is not None:
            deals &= own
        return influence_report(studio_params(skip_missing_rates=True), deals)

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(parent_context),
            "influence_url": influence_url(),
            "url": evidence_url(video=self.video.public_id),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": True,
            "may_see_contacts": user.has_perm("audience.view_contact"),
            **self.report_context(),
        }

    def report_context(self) -> dict[str, Any]:
        """The part of the context that comes from the report."""
        currency = self.report.params.currency
        lines = [line for line in self.report.videos if line.id == self.video.public_id]
        found = [
            one for one in touches_of(self.report) if one.touch.view.video == self.video.public_id
        ]
        touched = [d for d in self.report.deals if self.video.public_id in d.video_ids]
        user = self.request.user
        assert user.is_authenticated
        latest = sorted(found, key=lambda one: one.touch.order, reverse=True)[:LATEST]
        return {
            "line": lines[0] if lines else None,
            "revenue": shown(lines[0].revenue, currency) if lines else "",
            "credit": shown(lines[0].credit, currency) if lines else "",
            "count": len(found),
            "won_url": deals_behind_url(video=self.video.public_id, status="won"),
            "excluded_deals": excluded_deals(touched, currency, user),
            "touches": evidence(latest, currency),
        }
