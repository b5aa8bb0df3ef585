"""The influence report in the admin, and the deals and views behind each number."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.auth.mixins import UserPassesTestMixin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.formats.money import shown
from studio.ui.views import page_of
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.admin.forms import DealsBehindForm, EvidenceForm, InfluenceForm
from videos.deals.attribution.compare import Comparison, Side
from videos.deals.attribution.credit import DEFAULT_MODEL, MODELS
from videos.deals.attribution.influence import (
    ExclusionReason,
    InfluenceReport,
    VideoInfluence,
    WonDeal,
)
from videos.deals.attribution.load import deals_touched_by, influence_report
from videos.deals.attribution.touches import DealTouches
from videos.deals.models import Deal
from videos.deals.reports.caveats import (
    affected_sums,
    before_entry,
    changed_after_close,
    known_late,
)
from videos.deals.reports.evidence import (
    CreditedTouch,
    deals_with_related,
    evidence,
    rows_of,
    touches_of,
)
from videos.deals.reports.excluded_deals import excluded_deals
from videos.deals.reports.wording import describe_params
from videos.deals.urls_for import deals_behind_url, evidence_url, with_query
from videos.planning.models import Video

FORM_FIELDS = ("model", "from", "to", "lookback_days", "landmark_days", "as_of", "as_of_which")


class InfluenceBase(UserPassesTestMixin, WagtailAdminTemplateMixin, TemplateView):
    """The base of the report and its evidence: permission, parameters and form.

    With invalid parameters the page has status 200 and shows the form errors; nothing is computed,
    so that no number appears under parameters it does not belong to.
    """

    header_icon = "crosshairs"
    page_title = gettext_lazy("Influence")
    form_class: ClassVar[type[InfluenceForm]] = InfluenceForm

    def test_func(self) -> bool:
        return may_see_influence(self.request.user)

    @cached_property
    def given_params(self) -> dict[str, Any]:
        """The parameters of the request, for links."""
        return {name: self.request.GET.get(name, "") for name in FORM_FIELDS}

    @cached_property
    def form(self) -> InfluenceForm:
        given = {name: value for name, value in self.request.GET.items() if value}
        return self.form_class({"model": DEFAULT_MODEL, **given})

    @cached_property
    def report(self) -> InfluenceReport:
        """The report; the form has to be valid."""
        return influence_report(self.form.report_params(), self.reported())

    def reported(self) -> "QuerySet[Deal] | None":
        """The deals that the report is about; None for all."""
        return reported_deals(self.request.user)

    @cached_property
    def link_params(self) -> dict[str, Any]:
        """The parameters with the report's instant, so that links show exactly what was counted."""
        now = "" if self.given_params["as_of"] else self.report.params.as_of.isoformat()
        return {**self.given_params, "now": now}

    @property
    def money(self) -> str:
        return self.report.params.currency

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = with_query(reverse("deals_influence"), self.given_params)
        return [*self.breadcrumbs_items, {"url": here, "label": _("Influence")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {
            "form": self.form,
            "has_params": any(self.given_params.values()),
            "is_invalid": not self.form.is_valid(),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": user.has_perm("planning.view_video"),
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "is_own": not user.has_perm("deals.view_every_influence"),
        }
        if context["is_invalid"]:
            return context
        return context | {
            "report": self.report,
            "chosen": MODELS[self.report.params.model],
            "question": describe_params(self.report.params),
            **self.report_context(),
        }

    def excluded_deals(self, won: Sequence[WonDeal]) -> Any:
        """Returns the won deals that are not in this page's sums."""
        assert self.request.user.is_authenticated
        return excluded_deals(won, self.money, self.request.user, self.request.get_full_path())

    def report_context(self) -> dict[str, Any]:
        """Returns the part of the context that comes from the report."""
        raise NotImplementedError


def caveat_sums(report: InfluenceReport) -> dict[str, Any]:
    """Returns what the sums would lose without affected touches, for `deals/caveats.html`."""
    money = report.params.currency
    sums: dict[str, Any] = {}
    for name, mark in (
        ("late", known_late),
        ("early", before_entry),
        ("changed", changed_after_close),
    ):
        found = affected_sums(report.deals, mark)
        sums |= {
            name: found,
            f"{name}_revenue": shown(found.revenue, money),
            f"{name}_credit": shown(found.credit, money),
        }
    return sums


class InfluenceView(InfluenceBase):
    """The influence report: totals, videos, influenced deals, open deals, and the comparison."""

    template_name = "deals/influence.html"

    def report_context(self) -> dict[str, Any]:
        report = self.report
        touched_open = [deal for deal in report.open if deal.touches]
        deals = rows_of(
            deals_with_related(),
            [*(d.deal.id for d in report.deals), *(d.deal.id for d in touched_open)],
        )
        videos = rows_of(Video.objects.all(), (line.id for line in report.videos))
        return {
            "won_revenue": shown(report.totals.won_revenue, self.money),
            "influenced_revenue": shown(report.totals.influenced_revenue, self.money),
            "won_touches": sum(len(deal.touches) for deal in report.deals),
            "touches_url": evidence_url(**self.link_params, status="won"),
            "won_url": self.deals_url(status="won"),
            "influenced_url": self.deals_url(status="won", compared="all", side="with"),
            **caveat_sums(report),
            "excluded_deals": self.excluded_deals(report.won),
            "videos": [self.video_row(line, videos[line.id]) for line in report.videos],
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

    def deals_url(self, **narrowed: str) -> str:
        return deals_behind_url(**self.link_params, **narrowed)

    def video_row(self, line: VideoInfluence, video: Video) -> dict[str, Any]:
        return {
            "video": video,
            "line": line,
            "revenue": shown(line.revenue, self.money),
            "credit": shown(line.credit, self.money),
            "url": evidence_url(**self.link_params, status="won", video=line.id),
            "deals_url": self.deals_url(status="won", video=line.id),
        }

    def won_row(self, deal: WonDeal, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "amount": amount_or_reason(deal, self.money),
            "touches": len(deal.touches),
            "videos": len(deal.video_ids),
            "url": evidence_url(**self.link_params, deal=deal.deal.id),
        }

    def open_row(self, deal: DealTouches, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "touches": len(deal.touches),
            "videos": len({touch.view.video for touch in deal.touches}),
            "last": deal.touches[-1].view.started_at,
            "url": evidence_url(**self.link_params, deal=deal.deal.id),
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
        return {
            "label": label,
            "side": side,
            "url": self.deals_url(compared=compared, side=name),
            "won_url": self.deals_url(compared=compared, side=name, status="won"),
        }


def amount_or_reason(deal: WonDeal, currency: str) -> str:
    """Formats a won deal's amount, or the reason why it is not in the sums."""
    words = {
        ExclusionReason.AMOUNT: _("not known"),
        ExclusionReason.RATE: _("no rate"),
        ExclusionReason.BOUNDS: _("out of bounds"),
    }
    if deal.minor is None:
        return words[deal.exclusion or ExclusionReason.AMOUNT]
    return shown(deal.minor, currency)


class EvidenceBase(InfluenceBase):
    """The rows behind a number, paginated, with the sums of all of them."""

    form_class = EvidenceForm

    def filter_value(self, name: str) -> str:
        """Returns a filter of the query string; empty for no filter."""
        return str(self.form.cleaned_data[name])

    @cached_property
    def video(self) -> Video | None:
        return Video.objects.filter(public_id=self.filter_value("video")).first()

    def reported(self) -> "QuerySet[Deal] | None":
        """Of one deal or one video no more than what concerns it is read."""
        deals = super().reported()
        found = Deal.objects.all() if deals is None else deals
        if deal := self.filter_value("deal"):
            return found.filter(public_id=deal)
        if self.filter_value("video"):
            return found & deals_touched_by(self.video) if self.video else found.none()
        return deals


class EvidenceView(EvidenceBase):
    """The touches behind a number, by video, deal or status."""

    template_name = "deals/evidence.html"
    page_subtitle = gettext_lazy("the views behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Views")}]

    def filtered(self) -> list[CreditedTouch]:
        """Returns the filtered touches, in order."""
        found = touches_of(self.report)
        if video := self.filter_value("video"):
            found = [one for one in found if one.touch.view.video == video]
        if deal := self.filter_value("deal"):
            found = [one for one in found if one.deal_id == deal]
        if status := self.filter_value("status"):
            ids = self.deals_in(status)
            found = [one for one in found if one.deal_id in ids]
        return sorted(found, key=lambda one: (one.deal_id, one.touch.order))

    def deals_in(self, status: str) -> set[str]:
        """Returns the ids of the deals with a status as of the report's instant."""
        if status == Deal.Status.OPEN:
            return {deal.deal.id for deal in self.report.open}
        return {deal.deal.id for deal in self.report.closed if deal.deal.status == status}

    def report_context(self) -> dict[str, Any]:
        touches = self.filtered()
        deal_ids = {one.deal_id for one in touches}
        credit = [one.minor for one in touches if one.minor is not None]
        late = [one for one in touches if one.touch.is_late]
        early = [one for one in touches if one.touch.is_early]
        changed_ids = {deal.deal.id for deal in self.report.closed if deal.changed_after_close}
        changed = [one for one in touches if one.deal_id in changed_ids]
        page = page_of(touches, self.request)
        return page | {
            "which": self.describe_filters(),
            "touches": evidence(list(page["page_obj"].object_list), self.money),
            "count": len(touches),
            "deal_count": len(deal_ids),
            "video_count": len({one.touch.view.video for one in touches}),
            "total": shown(sum(credit), self.money) if credit else "",
            "late": len(late),
            "late_credit": shown(sum(one.minor or 0 for one in late), self.money),
            "early": len(early),
            "early_credit": shown(sum(one.minor or 0 for one in early), self.money),
            "changed": len(changed),
            "changed_credit": shown(sum(one.minor or 0 for one in changed), self.money),
            "excluded_deals": self.excluded_deals(
                [d for d in self.report.won if d.deal.id in deal_ids]
            ),
        }

    def describe_filters(self) -> list[str]:
        """Describes the touches shown, a phrase for each filter."""
        statuses = {
            "": _("Touches of closed and open deals"),
            "won": _("Touches of won deals"),
            "lost": _("Touches of lost deals"),
            "open": _("Touches of open deals"),
        }
        phrases = [statuses[self.filter_value("status")]]
        if video := self.filter_value("video"):
            phrases.append(_("by “%(video)s”") % {"video": self.video or video})
        if deal_id := self.filter_value("deal"):
            known = {deal.deal.id for deal in [*self.report.closed, *self.report.open]}
            row = Deal.objects.filter(public_id=deal_id).first() if deal_id in known else None
            phrases.append(_("on “%(deal)s”") % {"deal": row or deal_id})
        return phrases


class DealsBehindView(EvidenceBase):
    """The closed deals behind a number, by side of a comparison, status, video or deal."""

    form_class = DealsBehindForm
    template_name = "deals/compared.html"
    page_subtitle = gettext_lazy("the deals behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Deals")}]

    def filtered(self) -> list[DealTouches]:
        """Returns the filtered closed deals, in the report's order."""
        comparisons = {
            "": None,
            "all": self.report.compared_all,
            "landmark": self.report.compared_landmark,
        }
        deals = self.report.closed
        if compared := comparisons[self.filter_value("compared")]:
            is_with = self.filter_value("side") == "with"
            deals = (compared.with_video if is_with else compared.without).deals
        if status := self.filter_value("status"):
            deals = [deal for deal in deals if deal.deal.status == status]
        if video := self.filter_value("video"):
            deals = [d for d in deals if any(touch.view.video == video for touch in d.touches)]
        if only := self.filter_value("deal"):
            deals = [deal for deal in deals if deal.deal.id == only]
        return list(deals)

    def report_context(self) -> dict[str, Any]:
        deals = self.filtered()
        won_by_id = {deal.deal.id: deal for deal in self.report.won}
        won = [won_by_id[deal.deal.id] for deal in deals if deal.is_won]
        page = page_of(deals, self.request)
        listed: Sequence[DealTouches] = page["page_obj"].object_list
        rows = rows_of(deals_with_related(), (one.deal.id for one in listed))
        return page | {
            "which": self.describe_filters(),
            "count": len(deals),
            "won_count": len(won),
            "total": shown(sum(deal.minor or 0 for deal in won), self.money),
            "excluded_deals": self.excluded_deals(won),
            "deals": [
                {
                    "deal": rows[one.deal.id],
                    "closed_at": one.closed_at,
                    "days": (one.closed_at - one.deal.created_at).days if one.closed_at else 0,
                    "touches": len(one.touches),
                    "amount": (
                        amount_or_reason(won_by_id[one.deal.id], self.money) if one.is_won else ""
                    ),
                    "url": evidence_url(**self.link_params, deal=one.deal.id),
                }
                for one in listed
            ],
        }

    def describe_filters(self) -> list[str]:
        """Describes the deals shown, a phrase for each filter."""
        days = self.report.params.landmark_days
        statuses = {"": _("Closed deals"), "won": _("Won deals"), "lost": _("Lost deals")}
        sides = {
            ("", ""): "",
            ("all", "with"): _("with a touch before the close"),
            ("all", "without"): _("without a touch before the close"),
            ("landmark", "with"): ngettext(
                "with a touch in their first %(days)d day, and open until then",
                "with a touch in their first %(days)d days, and open until then",
                days,
            ),
            ("landmark", "without"): ngettext(
                "without a touch in their first %(days)d day, and open until then",
                "without a touch in their first %(days)d days, and open until then",
                days,
            ),
        }
        side = sides[self.filter_value("compared"), self.filter_value("side")]
        video = _("touched by “%(video)s”") % {"video": self.video or self.filter_value("video")}
        phrases = [
            statuses[self.filter_value("status")],
            side and side % {"days": days},
            video if self.filter_value("video") else "",
        ]
        return [phrase for phrase in phrases if phrase]
