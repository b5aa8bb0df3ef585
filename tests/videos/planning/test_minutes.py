import datetime as dt

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from tests.factories import ExpertFactory, ShootFactory, VideoFactory
from videos.planning import shoots
from videos.planning.minutes import Minutes, minutes_booked, minutes_in_month_of, this_month
from videos.planning.models import Expert

pytestmark = pytest.mark.django_db

BERLIN_NEW_YEAR = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)


def shoot(expert, at, minutes=30, **fields):
    ends_at = at + dt.timedelta(minutes=minutes)
    return ShootFactory(experts=[expert], starts_at=at, ends_at=ends_at, **fields)


def test_an_experts_minutes_are_those_of_the_shoots_that_start_in_the_month(producer):
    ada, ben = ExpertFactory(), ExpertFactory()
    shoot(ada, dt.datetime(2026, 12, 1, tzinfo=dt.UTC), 20)
    shoot(ada, dt.datetime(2026, 12, 31, 23, 50, tzinfo=dt.UTC), 45)
    shoot(ada, dt.datetime(2027, 1, 1, tzinfo=dt.UTC), 90)
    shoot(ben, dt.datetime(2026, 12, 1, tzinfo=dt.UTC), 15)
    cancelled = shoot(ada, dt.datetime(2026, 12, 5, tzinfo=dt.UTC), 7)
    cancelled.cancelled_at, cancelled.cancelled_by = timezone.now(), producer
    cancelled.save()
    assert minutes_booked(ada, 2026, 12) == 65
    assert minutes_booked(ada, 2027, 1) == 90
    assert minutes_booked(ada, 2026, 11) == 0
    booked = {row.pk: row.booked for row in Expert.objects.with_minutes(2026, 12)}
    assert booked == {ada.pk: dt.timedelta(minutes=65), ben.pk: dt.timedelta(minutes=15)}


def test_the_month_is_the_one_of_the_studio():
    ada = ExpertFactory()
    shoot(ada, BERLIN_NEW_YEAR)
    with timezone.override("Europe/Berlin"):
        assert (minutes_booked(ada, 2026, 12), minutes_booked(ada, 2027, 1)) == (0, 30)


def test_going_over_the_promised_minutes_is_told_and_not_refused(producer):
    ada = ExpertFactory(minutes_a_month=30)
    at = timezone.now() + dt.timedelta(days=1)
    made = shoots.book(
        videos=[VideoFactory(stage="greenlit")],
        experts=[ada],
        starts_at=at,
        ends_at=at + dt.timedelta(minutes=40),
        by=producer,
    )
    (minutes,) = minutes_in_month_of(made)
    assert (minutes.expert, minutes.booked, minutes.promised) == (ada, 40, 30)
    assert (minutes.left, minutes.is_over, str(minutes)) == (-10, True, "40 of 30 min")


@pytest.mark.parametrize(
    ("booked", "promised", "months", "is_none"),
    [(0, 30, 0, True), (0, 30, -1, True), (0, 30, 1, False), (5, 30, 0, False), (0, 0, 0, False)],
)
def test_none_given_of_what_was_promised_is_an_alarm(booked, promised, months, is_none):
    minutes = Minutes(ExpertFactory(), this_month().shift(months), booked, promised)
    html = render_to_string("planning/minutes.html", {"minutes": minutes})
    assert minutes.is_none is is_none
    assert ("none given" in html) is is_none
    assert ("ui-badge--bad" in html) is is_none


def test_more_than_promised_is_no_alarm():
    minutes = Minutes(ExpertFactory(), this_month(), 40, 30)
    html = render_to_string("planning/minutes.html", {"minutes": minutes})
    assert "more than promised" in html
    assert "ui-badge--bad" not in html
