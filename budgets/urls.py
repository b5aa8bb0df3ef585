"""The addresses of the budget, under `/admin/budget/`."""

from django.urls import path

from budgets.views.entries import EntriesPage
from budgets.views.estimates import AskPage, Decline, EstimatesPage, Greenlight, Withdraw
from budgets.views.posting import ClosePage, ExpensePage, ReversePage
from budgets.views.report import ReportPage

app_name = "budgets"
urlpatterns = [
    path("", ReportPage.as_view(), name="report"),
    path("entries/", EntriesPage.as_view(), name="entries"),
    path("entries/results/", EntriesPage.as_view(results_only=True), name="entries_results"),
    path("entries/<int:pk>/reverse/", ReversePage.as_view(), name="reverse"),
    path("expenses/new/", ExpensePage.as_view(), name="expense"),
    path("estimates/", EstimatesPage.as_view(), name="estimates"),
    path("estimates/results/", EstimatesPage.as_view(results_only=True), name="estimates_results"),
    path("estimates/<int:pk>/greenlight/", Greenlight.as_view(), name="greenlight"),
    path("estimates/<int:pk>/decline/", Decline.as_view(), name="decline"),
    path("estimates/<int:pk>/withdraw/", Withdraw.as_view(), name="withdraw"),
    path("videos/<int:video_pk>/estimate/", AskPage.as_view(), name="ask"),
    path("periods/<int:pk>/close/", ClosePage.as_view(), name="close"),
]
