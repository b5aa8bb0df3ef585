"""The pages of rates of exchange: list and forms."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic

from studio.rates.models import Rate
from studio.ui.optimistic_lock import OptimisticLockMixin
from studio.ui.views import ListView

PREFILLED = ("day", "from_currency", "to_currency")


class RateFilterSet(WagtailFilterSet):
    """Filters of the list of rates."""

    day = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Day"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Rate
        fields = ["day"]


class RateListView(ListView):
    """The list of rates, latest first."""

    empty_text = gettext_lazy(
        "No rates yet. A deal in another currency than the report's is converted at the rate of "
        "the day it closed, or of one of the seven days before."
    )

    def get_base_queryset(self) -> "QuerySet[Rate]":
        rates: QuerySet[Rate] = super().get_base_queryset()
        return rates


class ReturningView:
    """Returns to the page that linked to the form, if there is one."""

    request: Any

    def get_success_url(self) -> str:
        return get_valid_next_url_from_request(self.request) or reverse("rates_rates:index")

    def get_success_buttons(self) -> list[Any]:
        return []


class RateCreateView(ReturningView, generic.CreateView):
    """Adds a rate; the query string may fill in day and currencies."""

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        given = {name: asked[name] for name in PREFILLED if asked.get(name)}
        return {**super().get_initial(), **given}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"action_url": self.request.get_full_path()}


class RateEditView(OptimisticLockMixin, ReturningView, generic.EditView):
    """Edits a rate."""
