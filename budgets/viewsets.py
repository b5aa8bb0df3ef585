"""Setting the budget up: periods, budgets and lines. Finance alone."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from budgets.forms import LineForm
from budgets.models import Budget, Line, Period
from budgets.views.gate import tell
from studio.changes import keep_on_record
from videos.planning.views.generic import ClearFilters

keep_on_record(Period, "code", "name", "starts_on", "ends_on")
keep_on_record(Budget, "name", "department", "currency")
keep_on_record(Line, "budget", "period", "name", "kind")


class FilteredIndexView(ClearFilters, IndexView):
    """A list that says which of its filters it does not understand."""

    results_template_name = "budgets/list_results.html"


class RefusingDeleteView(DeleteView):
    """Deletes a row, or says why it stays where one looks at it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().post(request, *args, **kwargs)
        except ValidationError as refusal:
            tell(request, refusal)
            return redirect(reverse(self.edit_url_name, args=[self.object.pk]))
        return response


class PeriodViewSet(ModelViewSet):
    """Fiscal months."""

    model = Period
    url_prefix = "budget/periods"
    icon = "calendar-alt"
    copy_view_enabled = False
    delete_view_class = RefusingDeleteView
    form_fields = ["code", "name", "starts_on", "ends_on"]
    list_display = [
        "code",
        "name",
        "starts_on",
        "ends_on",
        BooleanColumn("is_closed", label=_("Closed")),
    ]


class BudgetViewSet(ModelViewSet):
    """Budgets and the department each belongs to."""

    model = Budget
    url_prefix = "budget/budgets"
    icon = "folder-open-inverse"
    copy_view_enabled = False
    form_fields = ["name", "department", "currency"]
    index_view_class = FilteredIndexView
    list_display = ["name", "department", "currency"]
    list_filter = ["department", "currency"]


class LedgerRefusals:
    """A form whose saving posts to the ledger: what the ledger refuses is shown on the form."""

    def form_valid(self, form: LineForm) -> HttpResponse:
        try:
            return super().form_valid(form)  # type: ignore[misc, no-any-return]
        except ValidationError as refusal:
            form.add_error(None, refusal)
            self.produced_error_message = self.get_error_message()  # type: ignore[attr-defined]
            return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return]


class LineCreateView(LedgerRefusals, CreateView):
    """A new line, with its first amount."""


class LineEditView(LedgerRefusals, EditView):
    """A line; a new amount is an entry with its reason."""


class LineIndexView(FilteredIndexView):
    """Lines with what they have left."""

    def get_base_queryset(self) -> QuerySet[Line]:
        found: QuerySet[Line] = super().get_base_queryset()
        return found.select_related("budget", "period")


class LineViewSet(ModelViewSet):
    """What each budget sets aside, for which kind of cost, in which period."""

    model = Line
    url_prefix = "budget/lines"
    icon = "table"
    copy_view_enabled = False
    index_view_class = LineIndexView
    add_view_class = LineCreateView
    edit_view_class = LineEditView
    delete_view_class = RefusingDeleteView
    list_filter = ["budget", "period", "kind"]
    list_display = [
        "name",
        "kind",
        "budget",
        "period",
        Column(
            "approved",
            label=_("Approved"),
            accessor=lambda line: line.shown(line.approved),
            classname="budgets-number",
        ),
        Column(
            "available",
            label=_("Available"),
            accessor=lambda line: line.shown(line.available),
            classname="budgets-number",
        ),
    ]

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        return LineForm


VIEWSETS = [
    LineViewSet("budget_lines"),
    BudgetViewSet("budget_budgets"),
    PeriodViewSet("budget_periods"),
]
