"""The deals' panel on a video's page."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from studio.money import shown
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.addresses import deals_behind_url, evidence_url, influence_url
from videos.deals.evidence import evidence, touches_of
from videos.deals.influence import Report
from videos.deals.lacking import lacking
from videos.deals.load import report_for, studio_terms
from videos.planning.models import Stage
from videos.planning.panels import VideoPanel

LATEST = 5


class TouchesPanel(VideoPanel):
    """The deals that the video touched: what was won of it, and the latest touches."""

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
    def report(self) -> Report:
        return report_for(studio_terms(skip_missing_rates=True), reported_deals(self.request.user))

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(parent_context),
            "influence_url": influence_url(),
            "url": evidence_url(video=self.video.public_id),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": True,
            "may_see_contacts": user.has_perm("audience.view_contact"),
            **self.found(),
        }

    def found(self) -> dict[str, Any]:
        """What the panel shows of the report."""
        currency = self.report.terms.currency
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
            "lacking": lacking(touched, currency, user),
            "touches": evidence(latest, currency),
        }
