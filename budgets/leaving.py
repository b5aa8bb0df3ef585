"""Hands over the undecided estimates of a user who leaves."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from budgets.models import Estimate, EstimateWriter
from studio.people.access import holders_of
from studio.people.leaving import Holding, register_holding
from studio.people.models import User


def undecided_estimates() -> QuerySet[Estimate]:
    """Return the estimates that are neither greenlit nor declined."""
    return Estimate.objects.filter(state__in=Estimate.UNDECIDED)


def hand_over_estimates(rows: QuerySet[Estimate], leaver: User, heir: User, by: User) -> None:
    """Make the heir the requester, who therefore may not greenlight them."""
    for estimate in rows:
        EstimateWriter.objects.get_or_create(estimate=estimate, user=heir)
    rows.update(requested_by=heir)


def register() -> None:
    """Register undecided estimates with the page for users who leave."""
    register_holding(
        Holding(
            "estimates",
            _("Undecided estimates"),
            undecided_estimates,
            "requested_by",
            hand_over_estimates,
            lambda users: holders_of("budgets.request_estimate", users),
        )
    )
