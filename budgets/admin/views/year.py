"""Sets up a fiscal year: its periods, its budget and the amounts of its lines."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from budgets import access
from budgets.admin.views.base import PermissionMixin, breadcrumbs, budget_breadcrumb
from budgets.admin.views.estimates import actor
from budgets.admin.year_forms import AmountsForm, ShapeForm
from budgets.fiscal_year import existing_period, set_up
from budgets.models.budget import today
from studio.formats.localized_numbers import signs
from studio.formats.money import minor_digits
from studio.once.views import Once


class YearPage(PermissionMixin, Once, WagtailAdminTemplateMixin, FormView):
    """Takes the periods and the budget from the URL, and the amounts from the form."""

    allowed = access.may_set_up
    page_title = _("Set up a fiscal year")
    header_icon = "calendar-alt"
    template_name = "budgets/year.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return breadcrumbs(budget_breadcrumb(), ("", self.page_title))

    @cached_property
    def shape(self) -> ShapeForm:
        """The form with the year's periods and budget, from the URL or else its defaults."""
        return ShapeForm({**ShapeForm.usual(), **self.request.GET.dict()})

    def get_form(self, form_class: Any = None) -> AmountsForm:
        """Return the form with the amounts. `shape` has to be valid."""
        spans, budget = self.shape.planned_periods(), self.shape.cleaned_data["budget"]
        return AmountsForm(**self.get_form_kwargs(), spans=spans, budget=budget)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may_continue = not access.may_set_up(request.user) or self.shape.is_valid()
        if request.method == "POST" and not may_continue:
            return redirect(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.shape.is_valid():
            return super().get_context_data(form=None, shape=self.shape)
        context = super().get_context_data(shape=self.shape, **kwargs)
        form = context["form"]
        periods = [(span, existing_period(span)) for span in form.spans]
        currency = form.amounts_currency()
        return context | {
            "periods": periods,
            "currency": currency,
            "digits": minor_digits(currency),
            "signs": signs(),
        }

    def form_valid(self, form: AmountsForm) -> HttpResponse:
        lines = form.cleaned_data["lines"]
        try:
            periods = set_up(form.spans, form.chosen_budget(), lines, by=actor(self.request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        text = (
            gettext("%(total)s approved for %(first)s.")
            if len(periods) == 1
            else gettext("%(total)s approved for %(first)s to %(last)s.")
        )
        values = {"total": form.total(), "first": periods[0].code, "last": periods[-1].code}
        messages.success(self.request, text % values)
        shown = next((one for one in periods if one.covers(today())), periods[0])
        query = urlencode({"period": shown.code, "currency": form.amounts_currency()})
        return redirect(f"{reverse('budgets_report')}?{query}")
