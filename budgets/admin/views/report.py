"""The home page of the budget: a period's report."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access
from budgets.admin.forms import ReportForm
from budgets.admin.views.gate import Gate, trail
from budgets.models import Budget, Estimate, Period
from budgets.models.budget import studio_currency, today
from budgets.report import budget_report


class ReportPage(Gate, WagtailAdminTemplateMixin, TemplateView):
    """Totals, lines and videos of one period; every number opens into its entries."""

    allowed = access.may_see_report
    page_title = _("Budget")
    header_icon = "table"
    template_name = "budgets/report.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(("", self.page_title))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form()
        is_unclear = bool(form and not form.is_valid())
        period = form.cleaned_data["period"] if form and not is_unclear else None
        return super().get_context_data(
            **kwargs,
            form=form,
            is_unclear=is_unclear,
            report=budget_report(period, form.cleaned_data["currency"])
            if form and period
            else None,
            covers_today=bool(period and period.starts_on <= today() <= period.ends_on),
            waiting=Estimate.objects.filter(state=Estimate.State.REQUESTED).count(),
            decides=access.may_greenlight(self.request.user),
            posts=access.may_post_expense(self.request.user),
            closes=access.may_close_period(self.request.user),
            may_set_up=access.may_set_up(self.request.user),
        )

    def form(self) -> ReportForm | None:
        """What is asked, with defaults for what is not; None before there is a period.

        An unclear question is answered with its form and no numbers, never with another's.
        """
        default = self.default_period()
        if default is None:
            return None
        known = sorted({*Budget.objects.values_list("currency", flat=True), studio_currency()})
        asked = {name: value for name, value in self.request.GET.items() if value}
        given = {"period": default.code, "currency": studio_currency(), **asked}
        return ReportForm(given, currencies=known)

    def default_period(self) -> Period | None:
        """The period of today, else the latest that has begun, else the first to come."""
        return (
            Period.objects.on(today()).first()
            or Period.objects.filter(starts_on__lte=today()).first()
            or Period.objects.last()
        )
