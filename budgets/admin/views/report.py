"""The budget report of a period, the first page of the budget."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access
from budgets.admin.forms import ReportForm
from budgets.admin.views.base import PermissionMixin, breadcrumbs
from budgets.models import Budget, Estimate, Period
from budgets.models.budget import studio_currency, today
from budgets.report import budget_report


class ReportPage(PermissionMixin, WagtailAdminTemplateMixin, TemplateView):
    """Shows totals, lines and videos of a period; every figure links to its entries."""

    allowed = access.may_see_report
    page_title = _("Budget")
    header_icon = "table"
    template_name = "budgets/report.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs(("", self.page_title))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form()
        is_invalid = bool(form and not form.is_valid())
        period = form.cleaned_data["period"] if form and not is_invalid else None
        return super().get_context_data(
            **kwargs,
            form=form,
            is_invalid=is_invalid,
            report=budget_report(period, form.cleaned_data["currency"])
            if form and period
            else None,
            covers_today=bool(period and period.starts_on <= today() <= period.ends_on),
            waiting=Estimate.objects.filter(state=Estimate.State.REQUESTED).count(),
            may_greenlight=access.may_greenlight(self.request.user),
            may_post=access.may_post_expense(self.request.user),
            may_close=access.may_close_period(self.request.user),
            may_set_up=access.may_set_up(self.request.user),
        )

    def form(self) -> ReportForm | None:
        """Return the form with the given values or defaults; None if there is no period yet.

        If a value is not valid, the page shows the errors and no figures, never those of a default.
        """
        default = self.default_period()
        if default is None:
            return None
        known = sorted({*Budget.objects.values_list("currency", flat=True), studio_currency()})
        given = {name: value for name, value in self.request.GET.items() if value}
        data = {"period": default.code, "currency": studio_currency(), **given}
        return ReportForm(data, currencies=known)

    def default_period(self) -> Period | None:
        """Return the current period, or else the latest that has begun, or else the first one."""
        return (
            Period.objects.on(today()).first()
            or Period.objects.filter(starts_on__lte=today()).first()
            or Period.objects.last()
        )
