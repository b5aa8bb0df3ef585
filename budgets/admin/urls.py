"""URLs of the budget, under `/admin/budget/`."""

from django.urls import path

from budgets.admin.views.entries import EntriesPage
from budgets.admin.views.estimates import (
    Decline,
    EstimateFormPage,
    EstimatesPage,
    Greenlight,
    Withdraw,
)
from budgets.admin.views.posting import ClosePage, ExpensePage, ReversePage
from budgets.admin.views.report import ReportPage
from budgets.admin.views.year import YearPage

urlpatterns = [
    path("", ReportPage.as_view(), name="budgets_report"),
    path("entries/", EntriesPage.as_view(), name="budgets_entries"),
    path(
        "entries/results/", EntriesPage.as_view(results_only=True), name="budgets_entries_results"
    ),
    path("entries/<int:pk>/reverse/", ReversePage.as_view(), name="budgets_reverse"),
    path("expenses/new/", ExpensePage.as_view(), name="budgets_expense"),
    path("estimates/", EstimatesPage.as_view(), name="budgets_estimates"),
    path(
        "estimates/results/",
        EstimatesPage.as_view(results_only=True),
        name="budgets_estimates_results",
    ),
    path("estimates/<int:pk>/greenlight/", Greenlight.as_view(), name="budgets_greenlight"),
    path("estimates/<int:pk>/decline/", Decline.as_view(), name="budgets_decline"),
    path("estimates/<int:pk>/withdraw/", Withdraw.as_view(), name="budgets_withdraw"),
    path(
        "videos/<int:video_pk>/estimate/", EstimateFormPage.as_view(), name="budgets_estimate_form"
    ),
    path("years/new/", YearPage.as_view(), name="budgets_year"),
    path("periods/<int:pk>/close/", ClosePage.as_view(), name="budgets_close"),
]
