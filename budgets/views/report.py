"""The home page of the budget: a period's report."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access
from budgets.forms import ReportForm
from budgets.models import Budget, Estimate, Period
from budgets.models.budget import studio_currency, today
from budgets.report import budget_report
from budgets.views.gate import Gate, trail


class ReportPage(Gate, WagtailAdminTemplateMixin, TemplateView):
    """Totals, lines and videos of one period; every number opens into its entries."""

    allowed = access.sees_report
    page_title = _("Budget")
    header_icon = "table"
    template_name = "budgets/report.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(("", self.page_title))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = self.period()
        currency, currencies = self.currency()
        form = ReportForm(
            {"period": period.code, "currency": currency} if period else None,
            currencies=currencies,
        )
        return super().get_context_data(
            **kwargs,
            form=form,
            report=budget_report(period, currency) if period else None,
            covers_today=bool(period and period.starts_on <= today() <= period.ends_on),
            waiting=Estimate.objects.filter(state=Estimate.State.REQUESTED).count(),
            decides=access.decides(self.request.user),
            posts=access.posts(self.request.user),
            closes=access.closes(self.request.user),
            may_set_up=self.request.user.has_perm("budgets.add_line"),
        )

    def period(self) -> Period | None:
        """The period asked for, else the one of today, else the latest that has begun."""
        code = self.request.GET.get("period", "")
        # Not printable: NUL, which a database refuses.
        asked = Period.objects.filter(code=code).first() if code.isprintable() else None
        return (
            asked
            or Period.objects.on(today()).first()
            or Period.objects.filter(starts_on__lte=today()).first()
            or Period.objects.last()
        )

    def currency(self) -> tuple[str, list[str]]:
        """The currency asked for, else the studio's, and all that budgets are in."""
        known = sorted({*Budget.objects.values_list("currency", flat=True), studio_currency()})
        asked = self.request.GET.get("currency", "")
        return (asked if asked in known else studio_currency()), known
