"""The influence report in the admin, and the deals and views behind each of its numbers."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from studio.money import shown
from videos.deals.access import may_see_influence, reported_deals
from videos.deals.addresses import deals_behind_url, evidence_url, with_query
from videos.deals.compare import Comparison, Side
from videos.deals.credit import MODELS
from videos.deals.evidence import Found, evidence, rows_of, shown_deals, touches_of
from videos.deals.forms import DealsBehindForm, EvidenceForm, InfluenceForm
from videos.deals.influence import Lack, Report, VideoLine, WonDeal
from videos.deals.lacking import lacking
from videos.deals.late import before_entry, changed_late, hanging, known_late
from videos.deals.load import report_for
from videos.deals.models import Deal
from videos.deals.touches import Followed
from videos.deals.wording import question_in_words
from videos.planning.models import Video
from videos.planning.views.generic import page_of

FORM_FIELDS = ("model", "from", "to", "lookback_days", "landmark_days", "as_of", "as_of_which")


class InfluenceBase(WagtailAdminTemplateMixin, TemplateView):
    """What the report and its evidence share: who may come, and what was asked.

    An unclear question is answered as Django's forms answer, with status 200 and the mistakes
    beside the fields; nothing is computed, so that no number stands under another question.
    """

    header_icon = "crosshairs"
    page_title = gettext_lazy("Influence")
    form_class: ClassVar[type[InfluenceForm]] = InfluenceForm

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
        given = {name: value for name, value in self.request.GET.items() if value}
        return self.form_class({"model": "linear", **given})

    @cached_property
    def report(self) -> Report:
        """Of a valid form."""
        return report_for(self.form.terms(), reported_deals(self.request.user))

    @cached_property
    def question(self) -> dict[str, Any]:
        """The question with its instant, so that what lies behind a number is what was counted."""
        now = "" if self.asked["as_of"] else self.report.terms.as_of.isoformat()
        return {**self.asked, "now": now}

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
            "is_unclear": not self.form.is_valid(),
            "may_see_deals": user.has_perm("deals.view_deal"),
            "may_see_videos": user.has_perm("planning.view_video"),
            "may_see_contacts": user.has_perm("audience.view_contact"),
            "is_own": not user.has_perm("deals.view_every_influence"),
        }
        if context["is_unclear"]:
            return context
        return context | {
            "report": self.report,
            "chosen": MODELS[self.report.terms.model],
            "question": question_in_words(self.report.terms),
            **self.found(),
        }

    def lacking(self, won: Sequence[WonDeal]) -> Any:
        """What won deals lack that are not in this page's sums."""
        assert self.request.user.is_authenticated
        return lacking(won, self.money, self.request.user, self.request.get_full_path())

    def found(self) -> dict[str, Any]:
        """What the page shows of the report."""
        raise NotImplementedError


def late_sums(report: Report) -> dict[str, Any]:
    """What of the won deals hangs on marked touches or deals, for `deals/late.html`."""
    money = report.terms.currency
    sums: dict[str, Any] = {}
    for name, mark in (("late", known_late), ("early", before_entry), ("changed", changed_late)):
        found = hanging(report.deals, mark)
        sums |= {
            name: found,
            f"{name}_revenue": shown(found.revenue, money),
            f"{name}_credit": shown(found.credit, money),
        }
    return sums


class InfluenceView(InfluenceBase):
    """Totals, videos, influenced and open deals, and deals with video beside deals without."""

    template_name = "deals/influence.html"

    def found(self) -> dict[str, Any]:
        report = self.report
        touched_open = [deal for deal in report.open if deal.touches]
        deals = rows_of(
            shown_deals(),
            [*(d.deal.id for d in report.deals), *(d.deal.id for d in touched_open)],
        )
        videos = rows_of(Video.objects.all(), (line.id for line in report.videos))
        return {
            "won_revenue": shown(report.totals.won_revenue, self.money),
            "influenced_revenue": shown(report.totals.influenced_revenue, self.money),
            "won_touches": sum(len(deal.touches) for deal in report.deals),
            "touches_url": evidence_url(**self.question, status="won"),
            "won_url": self.deals_url(status="won"),
            "influenced_url": self.deals_url(status="won", compared="all", side="with"),
            **late_sums(report),
            "lacking": self.lacking(report.won),
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
        return deals_behind_url(**self.question, **narrowed)

    def video_row(self, line: VideoLine, video: Video) -> dict[str, Any]:
        return {
            "video": video,
            "line": line,
            "revenue": shown(line.revenue, self.money),
            "credit": shown(line.credit, self.money),
            "url": evidence_url(**self.question, status="won", video=line.id),
            "deals_url": self.deals_url(status="won", video=line.id),
        }

    def won_row(self, deal: WonDeal, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "amount": amount_or_lack(deal, self.money),
            "touches": len(deal.touches),
            "videos": len(deal.video_ids),
            "url": evidence_url(**self.question, deal=deal.deal.id),
        }

    def open_row(self, deal: Followed, deals: dict[str, Deal]) -> dict[str, Any]:
        return {
            "deal": deals[deal.deal.id],
            "touches": len(deal.touches),
            "videos": len({touch.view.video for touch in deal.touches}),
            "last": deal.touches[-1].view.started_at,
            "url": evidence_url(**self.question, deal=deal.deal.id),
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


def amount_or_lack(deal: WonDeal, currency: str) -> str:
    """A won deal's amount as people read it, or why it has none."""
    words = {
        Lack.AMOUNT: _("not known"),
        Lack.RATE: _("no rate"),
        Lack.BOUNDS: _("out of bounds"),
    }
    if deal.minor is None:
        return words[deal.lack or Lack.AMOUNT]
    return shown(deal.minor, currency)


class EvidenceBase(InfluenceBase):
    """The rows behind a number, with the sums of all of them, a page at a time."""

    form_class = EvidenceForm

    def narrowing(self, name: str) -> str:
        """Which rows are asked for: one of the hidden fields, empty where all are."""
        return str(self.form.cleaned_data[name])

    @cached_property
    def video(self) -> Video | None:
        return Video.objects.filter(public_id=self.narrowing("video")).first()


class EvidenceView(EvidenceBase):
    """The touches behind a number: of a video, of a deal, of the won, lost or open deals."""

    template_name = "deals/evidence.html"
    page_subtitle = gettext_lazy("the views behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Views")}]

    def narrowed(self) -> list[Found]:
        """The touches that the address asks for, in their order."""
        found = touches_of(self.report)
        if video := self.narrowing("video"):
            found = [one for one in found if one.touch.view.video == video]
        if deal := self.narrowing("deal"):
            found = [one for one in found if one.deal_id == deal]
        if status := self.narrowing("status"):
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
        deal_ids = {one.deal_id for one in touches}
        credit = [one.minor for one in touches if one.minor is not None]
        late = [one for one in touches if one.touch.is_late]
        early = [one for one in touches if one.touch.is_early]
        changed_ids = {deal.deal.id for deal in self.report.closed if deal.changed_late}
        changed = [one for one in touches if one.deal_id in changed_ids]
        page = page_of(touches, self.request)
        return page | {
            "which": self.in_words(),
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
            "lacking": self.lacking([d for d in self.report.won if d.deal.id in deal_ids]),
        }

    def in_words(self) -> list[str]:
        """Which touches these are, a phrase for each way they are narrowed."""
        statuses = {
            "": _("Touches of closed and open deals"),
            "won": _("Touches of won deals"),
            "lost": _("Touches of lost deals"),
            "open": _("Touches of open deals"),
        }
        phrases = [statuses[self.narrowing("status")]]
        if video := self.narrowing("video"):
            phrases.append(_("by “%(video)s”") % {"video": self.video or video})
        if deal_id := self.narrowing("deal"):
            known = {deal.deal.id for deal in [*self.report.closed, *self.report.open]}
            row = Deal.objects.filter(public_id=deal_id).first() if deal_id in known else None
            phrases.append(_("on “%(deal)s”") % {"deal": row or deal_id})
        return phrases


class DealsBehindView(EvidenceBase):
    """The closed deals behind a number: of a period, a side of a comparison, or a video."""

    form_class = DealsBehindForm
    template_name = "deals/compared.html"
    page_subtitle = gettext_lazy("the deals behind it")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Deals")}]

    def narrowed(self) -> list[Followed]:
        """The closed deals that the address asks for, in the report's order."""
        comparisons = {
            "": None,
            "all": self.report.compared_all,
            "landmark": self.report.compared_landmark,
        }
        deals = self.report.closed
        if compared := comparisons[self.narrowing("compared")]:
            is_with = self.narrowing("side") == "with"
            deals = (compared.with_video if is_with else compared.without).deals
        if status := self.narrowing("status"):
            deals = [deal for deal in deals if deal.deal.status == status]
        if video := self.narrowing("video"):
            deals = [d for d in deals if any(touch.view.video == video for touch in d.touches)]
        if only := self.narrowing("deal"):
            deals = [deal for deal in deals if deal.deal.id == only]
        return list(deals)

    def found(self) -> dict[str, Any]:
        deals = self.narrowed()
        won_by_id = {deal.deal.id: deal for deal in self.report.won}
        won = [won_by_id[deal.deal.id] for deal in deals if deal.is_won]
        page = page_of(deals, self.request)
        listed: Sequence[Followed] = page["page_obj"].object_list
        rows = rows_of(shown_deals(), (one.deal.id for one in listed))
        return page | {
            "which": self.in_words(),
            "count": len(deals),
            "won_count": len(won),
            "total": shown(sum(deal.minor or 0 for deal in won), self.money),
            "lacking": self.lacking(won),
            "deals": [
                {
                    "deal": rows[one.deal.id],
                    "closed_at": one.closed_at,
                    "days": (one.closed_at - one.deal.created_at).days if one.closed_at else 0,
                    "touches": len(one.touches),
                    "amount": (
                        amount_or_lack(won_by_id[one.deal.id], self.money) if one.is_won else ""
                    ),
                    "url": evidence_url(**self.question, deal=one.deal.id),
                }
                for one in listed
            ],
        }

    def in_words(self) -> list[str]:
        """Which deals these are, a phrase for each way they are narrowed."""
        days = self.report.terms.landmark_days
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
        side = sides[self.narrowing("compared"), self.narrowing("side")]
        video = _("touched by “%(video)s”") % {"video": self.video or self.narrowing("video")}
        phrases = [
            statuses[self.narrowing("status")],
            side and side % {"days": days},
            video if self.narrowing("video") else "",
        ]
        return [phrase for phrase in phrases if phrase]
