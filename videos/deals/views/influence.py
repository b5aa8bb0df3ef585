"""The influence report in the admin, and the views behind each of its numbers."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.money import shown
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.addresses import evidence_url, with_query
from videos.deals.compare import Comparison, Side
from videos.deals.credit import MODELS
from videos.deals.evidence import Found, evidence, rows_of, touches_of
from videos.deals.forms import InfluenceForm
from videos.deals.influence import MissingRate, Report, WonDeal
from videos.deals.load import report_for
from videos.deals.models import Deal
from videos.deals.touches import Followed
from videos.planning.models import Video

FORM_FIELDS = ("model", "from", "to", "lookback_days", "landmark_days", "as_of")
A_PAGE = 100


class InfluenceBase(WagtailAdminTemplateMixin, TemplateView):
    """What the report and its evidence share: who may come, and what was asked."""

    header_icon = "crosshairs"
    page_title = gettext_lazy("Influence")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_influence(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The answers of the form that are given, for the addresses of links."""
        return {name: self.request.GET.get(name, "") for name in FORM_FIELDS}

    @cached_property
    def form(self) -> InfluenceForm:
        return InfluenceForm({"model": "linear", **{k: v for k, v in self.asked.items() if v}})

    @cached_property
    def report(self) -> Report:
        """Raises MissingRate."""
        return report_for(self.form.terms(), reported_deals(self.request.user))

    @property
    def money(self) -> str:
        return self.report.terms.currency

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = with_query(reverse("deals_influence"), self.asked)
        return [*self.breadcrumbs_items, {"url": here, "label": _("Influence")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {
            "form": self.form,
            "is_asked": any(self.asked.values()),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": user.has_perm("planning.view_video"),
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "is_own": not user.has_perm("deals.view_every_influence"),
        }
        try:
            return context | {"report": self.report} | self.found()
        except MissingRate as missing:
            return context | {"missing": missing.messages[0]}

    def found(self) -> dict[str, Any]:
        """What the page shows of the report."""
        raise NotImplementedError


class InfluenceView(InfluenceBase):
    """Totals, videos, won and open deals, and deals with video beside deals without."""

    template_name = "deals/influence.html"

    def found(self) -> dict[str, Any]:
        report = self.report
        touched_open = [deal for deal in report.open if deal.touches]
        deals = rows_of(
            Deal.objects.select_related("company"),
            [*(d.deal.id for d in report.deals), *(d.deal.id for d in touched_open)],
        )
        videos = rows_of(Video.objects.all(), (line.id for line in report.videos))
        chosen = MODELS[report.terms.model]
        return {
            "chosen": chosen,
            "won_revenue": shown(report.totals.won_revenue, self.money),
            "influenced_revenue": shown(report.totals.influenced_revenue, self.money),
            "won_touches": sum(len(deal.touches) for deal in report.deals),
            "won_url": evidence_url(**self.asked, status="won"),
            "without_amount": Deal.objects.filter(public_id__in=report.totals.without_amount),
            "videos": [
                {
                    "video": videos[line.id],
                    "line": line,
                    "revenue": shown(line.revenue, self.money),
                    "credit": shown(line.credit, self.money),
                    "url": evidence_url(**self.asked, status="won", video=line.id),
                }
                for line in report.videos
            ],
            "deals": sorted(
                (self.won_row(deal, deals) for deal in report.deals),
                key=lambda row: row["deal"].closed_at,
                reverse=True,
            ),
            "open": sorted(
                (self.open_row(deal, deals) for deal in touched_open),
                key=lambda row: row["last"],
                reverse=True,
            ),
            "comparisons": [
                self.comparison("all", report.compared_all),
                self.comparison("landmark", report.compared_landmark),
            ],
        }

    def won_row(self, deal: WonDeal, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "amount": "" if deal.minor is None else shown(deal.minor, self.money),
            "touches": len(deal.touches),
            "videos": len(deal.video_ids),
            "url": evidence_url(**self.asked, deal=deal.deal.id),
        }

    def open_row(self, deal: Followed, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "touches": len(deal.touches),
            "videos": len({touch.view.video for touch in deal.touches}),
            "last": deal.touches[-1].view.started_at,
            "url": evidence_url(**self.asked, deal=deal.deal.id),
        }

    def comparison(self, name: str, found: Comparison) -> dict[str, Any]:
        return {
            "name": name,
            "sides": [
                self.side(name, "with", _("With video"), found.with_video),
                self.side(name, "without", _("Without"), found.without),
            ],
        }

    def side(self, compared: str, name: str, label: str, side: Side) -> dict[str, Any]:
        address = reverse("deals_compared")
        return {
            "label": label,
            "side": side,
            "url": with_query(address, {**self.asked, "compared": compared, "side": name}),
        }


class EvidenceView(InfluenceBase):
    """The touches behind a number: of a video, of a deal, of the won, lost or open deals."""

    template_name = "deals/evidence.html"
    page_subtitle = gettext_lazy("the views behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Views")}]

    def narrowed(self) -> list[Found]:
        """The touches that the address asks for, in their order."""
        found = touches_of(self.report)
        if video := self.request.GET.get("video"):
            found = [one for one in found if one.touch.view.video == video]
        if deal := self.request.GET.get("deal"):
            found = [one for one in found if one.deal_id == deal]
        if status := self.request.GET.get("status"):
            ids = self.deals_in(status)
            found = [one for one in found if one.deal_id in ids]
        return sorted(found, key=lambda one: (one.deal_id, one.touch.order))

    def deals_in(self, status: str) -> set[str]:
        """The report's deals with a status as of its instant."""
        if status == Deal.Status.OPEN:
            return {deal.deal.id for deal in self.report.open}
        return {deal.deal.id for deal in self.report.closed if deal.deal.status == status}

    def found(self) -> dict[str, Any]:
        touches = self.narrowed()
        paginator = Paginator(touches, A_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        credit = [one.minor for one in touches if one.minor is not None]
        return {
            "touches": evidence(list(page.object_list), self.money),
            "count": len(touches),
            "total": shown(sum(credit), self.money) if credit else "",
            "page_obj": page,
            "elided_page_range": paginator.get_elided_page_range(page.number),
            "chosen": MODELS[self.report.terms.model],
        }


class ComparedView(InfluenceBase):
    """The closed deals on one side of a comparison."""

    template_name = "deals/compared.html"
    page_subtitle = gettext_lazy("the deals behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Deals")}]

    def side(self) -> Sequence[Followed]:
        comparisons = {
            "all": self.report.compared_all,
            "landmark": self.report.compared_landmark,
        }
        compared = comparisons.get(self.request.GET.get("compared", ""))
        side = self.request.GET.get("side")
        if compared is None or side not in {"with", "without"}:
            raise Http404
        return (compared.with_video if side == "with" else compared.without).deals

    def found(self) -> dict[str, Any]:
        side = self.side()
        deals = rows_of(Deal.objects.select_related("company"), (deal.deal.id for deal in side))
        return {
            "is_with": self.request.GET.get("side") == "with",
            "is_landmark": self.request.GET.get("compared") == "landmark",
            "deals": [
                {
                    "deal": deals[deal.deal.id],
                    "closed_at": deal.closed_at,
                    "days": (deal.closed_at - deal.deal.created_at).days if deal.closed_at else 0,
                    "touches": len(deal.touches),
                    "url": evidence_url(**self.asked, deal=deal.deal.id),
                }
                for deal in side
            ],
        }
