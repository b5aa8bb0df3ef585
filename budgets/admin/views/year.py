"""A fiscal year in one screen: its periods, the budget, and what each line has."""

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
from budgets.admin.views.estimates import actor
from budgets.admin.views.gate import Gate, budget_step, trail
from budgets.admin.year_forms import AmountsForm, ShapeForm
from budgets.fiscal_year import existing_period, set_up
from budgets.models.budget import today
from studio.formats.money import minor_digits
from studio.once.views import Once


class YearPage(Gate, Once, WagtailAdminTemplateMixin, FormView):
    """Asks in the address how the year is divided, and in the form what each line has."""

    allowed = access.may_set_up
    page_title = _("Set up a fiscal year")
    header_icon = "calendar-alt"
    template_name = "budgets/year.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(budget_step(), ("", self.page_title))

    @cached_property
    def shape(self) -> ShapeForm:
        """How the year is divided: as the address says, else as is usual."""
        return ShapeForm({**ShapeForm.usual(), **self.request.GET.dict()})

    def get_form(self, form_class: Any = None) -> AmountsForm:
        """The form of the lines, for the year of `shape`, which has to be valid."""
        wanted, budget = self.shape.planned_periods(), self.shape.cleaned_data["budget"]
        return AmountsForm(**self.get_form_kwargs(), wanted=wanted, budget=budget)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_clear = not access.may_set_up(request.user) or self.shape.is_valid()
        if request.method == "POST" and not is_clear:
            return redirect(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.shape.is_valid():
            return super().get_context_data(form=None, shape=self.shape)
        context = super().get_context_data(shape=self.shape, **kwargs)
        form = context["form"]
        periods = [(span, existing_period(span)) for span in form.wanted]
        return context | {"periods": periods, "digits": minor_digits(form.money)}

    def form_valid(self, form: AmountsForm) -> HttpResponse:
        lines = form.cleaned_data["lines"]
        try:
            periods = set_up(form.wanted, form.new_budget(), lines, by=actor(self.request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        said = gettext("%(total)s are approved, in %(first)s to %(last)s.")
        words = {"total": form.total(), "first": periods[0].code, "last": periods[-1].code}
        messages.success(self.request, said % words)
        shown = next((one for one in periods if one.covers(today())), periods[0])
        asked = urlencode({"period": shown.code, "currency": form.money})
        return redirect(f"{reverse('budgets_report')}?{asked}")
