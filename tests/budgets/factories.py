"""Rows of the budget: an open period, the sales budget and a line with money on it."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from budgets.estimates import ItemData, save_estimate
from budgets.ledger import greenlight, set_approved
from budgets.models import Budget, Estimate, Line, Period
from budgets.models.budget import today
from studio.people.models import User
from studio.people.roles import Role
from tests.factories import UserFactory, VideoFactory
from videos.planning.models import Video


class PeriodFactory(DjangoModelFactory[Period]):
    """The one period around today; others say their days."""

    class Meta:
        model = Period
        django_get_or_create = ("code",)

    code = "NOW"
    starts_on = factory.LazyFunction(lambda: today() - dt.timedelta(days=40))
    ends_on = factory.LazyFunction(lambda: today() + dt.timedelta(days=40))


class BudgetFactory(DjangoModelFactory[Budget]):
    class Meta:
        model = Budget
        django_get_or_create = ("name",)

    name = "Sales video"


class LineFactory(DjangoModelFactory[Line]):
    """A line; `approved=` gives it money, through the ledger."""

    class Meta:
        model = Line

    budget = factory.SubFactory(BudgetFactory)
    period = factory.SubFactory(PeriodFactory)
    name = factory.Sequence(lambda n: f"Crew {n}")
    kind = Line.Kind.CREW

    @classmethod
    def _create(cls, model_class: type[Line], *args: Any, **kwargs: Any) -> Line:
        approved = kwargs.pop("approved", 0)
        line = super()._create(model_class, *args, **kwargs)
        if approved:
            set_approved(line.pk, approved, by=UserFactory(role=Role.FINANCE), reason="Year plan")
            line.refresh_from_db()
        return line


def estimate(
    *asks: tuple[Line, int], by: User | None = None, video: Video | None = None
) -> Estimate:
    """A waiting estimate of these (line, minor) for a planned video."""
    return save_estimate(
        (video or VideoFactory(stage="planned")).pk,
        [ItemData(line, minor) for line, minor in asks],
        by=by or UserFactory(role=Role.PRODUCER),
    )


def greenlit(*asks: tuple[Line, int], video: Video | None = None) -> Video:
    """A video greenlit for these (line, minor)."""
    waiting = estimate(*asks, video=video)
    greenlight(waiting.pk, by=UserFactory(role=Role.FINANCE))
    return Video.objects.get(pk=waiting.video_id)
