"""Viewsets for periods, budgets and lines."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from budgets.admin.forms import LineForm
from budgets.admin.views.base import show_refusal
from budgets.empty_choices import explain, lack_of_budgets, lack_of_periods
from budgets.models import Budget, Line, Period
from studio.changes import keep_on_record
from studio.collation.listing import CollatedListing
from studio.ui.badges import Badge
from studio.ui.optimistic_lock import OptimisticLockMixin
from studio.ui.tables import CARDS, BadgeColumn, LabelledColumn
from studio.ui.usage import UsageView
from studio.ui.views import ClearFilters

keep_on_record(Period, "code", "name", "starts_on", "ends_on")
keep_on_record(Budget, "name", "department", "currency")
keep_on_record(Line, "budget", "period", "name", "kind")


class FilteredIndexView(CollatedListing, ClearFilters, IndexView):
    """A list that names invalid filters instead of ignoring them."""

    results_template_name = "budgets/list_results.html"
    table_classname = CARDS

    def _get_custom_column(
        self, field_name: str, column_class: type[Column] = LabelledColumn, **kwargs: Any
    ) -> Column:
        return super()._get_custom_column(field_name, column_class, **kwargs)


class RefusingDeleteView(DeleteView):
    """Shows a refusal to delete on the edit view."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().post(request, *args, **kwargs)
        except ValidationError as refusal:
            show_refusal(request, refusal)
            return redirect(reverse(self.edit_url_name, args=[self.object.pk]))
        return response


class LockedEditView(OptimisticLockMixin, EditView):
    """An edit view that does not overwrite changes that a colleague has made meanwhile."""


def state_badge(period: Period) -> Badge:
    """Return whether a period is open or closed, as a badge."""
    if period.is_closed:
        return Badge(_("Closed"), "lock", "quiet")
    return Badge(_("Open"), "lock-open", "good")


class PeriodViewSet(ModelViewSet):
    """Fiscal periods."""

    model = Period
    url_prefix = "budget/periods"
    icon = "calendar-alt"
    copy_view_enabled = False
    delete_view_class = RefusingDeleteView
    form_fields = ["code", "name", "starts_on", "ends_on"]
    index_view_class = FilteredIndexView
    edit_view_class = LockedEditView
    usage_view_class = UsageView
    list_display = [
        "code",
        "name",
        "starts_on",
        "ends_on",
        BadgeColumn("is_closed", label=_("State"), accessor=state_badge),
    ]


class BudgetViewSet(ModelViewSet):
    """Budgets and the department each belongs to."""

    model = Budget
    url_prefix = "budget/budgets"
    icon = "folder-open-inverse"
    copy_view_enabled = False
    form_fields = ["name", "department", "currency"]
    edit_view_class = LockedEditView
    index_view_class = FilteredIndexView
    usage_view_class = UsageView
    list_display = ["name", "department", "currency"]
    list_filter = ["department", "currency"]


class LedgerRefusals:
    """Mixin that shows errors of the ledger on the form."""

    def form_valid(self, form: LineForm) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc, no-any-return]
        except ValidationError as refusal:
            form.add_error(None, refusal)
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return]


class ExplainedChoices:
    """Mixin that explains why no budget or period can be chosen for a line."""

    request: HttpRequest

    def get_form(self, form_class: Any = None) -> LineForm:
        form: LineForm = super().get_form(form_class)  # type: ignore[misc]
        explain(form.fields["budget"], lack_of_budgets(), self.request.user)
        explain(form.fields["period"], lack_of_periods(), self.request.user)
        return form


class LineCreateView(ExplainedChoices, LedgerRefusals, CreateView):
    """Creates a line with its first approved amount."""


class LineEditView(LedgerRefusals, LockedEditView):
    """Edits a line; a new approved amount is posted with its reason."""


class LineIndexView(FilteredIndexView):
    """Lists lines with their approved and available amounts."""

    def get_base_queryset(self) -> QuerySet[Line]:
        found: QuerySet[Line] = super().get_base_queryset()
        return found.select_related("budget", "period")


class LineViewSet(ModelViewSet):
    """Lines of budgets, by period and kind of cost."""

    model = Line
    url_prefix = "budget/lines"
    icon = "table"
    copy_view_enabled = False
    index_view_class = LineIndexView
    add_view_class = LineCreateView
    edit_view_class = LineEditView
    usage_view_class = UsageView
    delete_view_class = RefusingDeleteView
    list_filter = ["budget", "period", "kind"]
    list_display = [
        "name",
        "kind",
        "budget",
        "period",
        LabelledColumn(
            "approved",
            label=pgettext_lazy("budget", "Approved"),
            accessor=lambda line: line.shown(line.approved),
            classname="budgets-number",
        ),
        LabelledColumn(
            "available",
            label=_("Available"),
            accessor=lambda line: line.shown(line.available),
            classname="budgets-number",
        ),
    ]

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        return LineForm


VIEWSETS = [
    LineViewSet("budgets_lines"),
    BudgetViewSet("budgets_budgets"),
    PeriodViewSet("budgets_periods"),
]
