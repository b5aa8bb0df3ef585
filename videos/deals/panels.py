"""The deals' panel on a video's page."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from studio.money import shown
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.addresses import evidence_url, influence_url
from videos.deals.evidence import evidence, touches_of
from videos.deals.influence import MissingRate, Report
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
        """Raises MissingRate."""
        return report_for(studio_terms(), reported_deals(self.request.user))

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user = self.request.user
        context = {
            **super().get_context_data(parent_context),
            "influence_url": influence_url(),
            "url": evidence_url(video=self.video.public_id),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": True,
            "may_see_contacts": user.has_perm("audience.view_contact"),
        }
        try:
            return context | self.found()
        except MissingRate as missing:
            return context | {"missing": missing.messages[0]}

    def found(self) -> dict[str, Any]:
        """What the panel shows of the report."""
        currency = self.report.terms.currency
        lines = [line for line in self.report.videos if line.id == self.video.public_id]
        found = [
            one for one in touches_of(self.report) if one.touch.view.video == self.video.public_id
        ]
        latest = sorted(found, key=lambda one: one.touch.order, reverse=True)[:LATEST]
        return {
            "line": lines[0] if lines else None,
            "revenue": shown(lines[0].revenue, currency) if lines else "",
            "credit": shown(lines[0].credit, currency) if lines else "",
            "count": len(found),
            "touches": evidence(latest, currency),
        }
