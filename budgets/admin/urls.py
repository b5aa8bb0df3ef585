"""The addresses of the budget, under `/admin/budget/`."""

from django.urls import path

from budgets.admin.views.entries import EntriesPage
from budgets.admin.views.estimates import AskPage, Decline, EstimatesPage, Greenlight, Withdraw
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
    path("videos/<int:video_pk>/estimate/", AskPage.as_view(), name="budgets_ask"),
    path("years/new/", YearPage.as_view(), name="budgets_year"),
    path("periods/<int:pk>/close/", ClosePage.as_view(), name="budgets_close"),
]
