"""Shoots over a change of clocks take the time they say, and nobody is booked twice in it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from studio.operations.demo import clock
from tests.factories import ExpertFactory, VideoFactory
from tests.videos.planning.factories import booked
from videos.planning.errors import ExpertBooked, shoot_time
from videos.planning.models import Shoot, Stage
from videos.planning.overlap import Span, overlaps

pytestmark = pytest.mark.django_db

BOOK = reverse("planning_shoots:add")
NEW_YORK = ZoneInfo("America/New_York")
NOW = dt.datetime(2027, 3, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def spring_in_new_york(settings):
    settings.TIME_ZONE = "America/New_York"
    with clock.at(NOW):
        yield


def utc(month, day, hour, minute=0):
    return dt.datetime(2027, month, day, hour, minute, tzinfo=dt.UTC)


def form(day, time, minutes, expert, **more):
    return {
        "videos": [VideoFactory(stage=Stage.GREENLIT).pk],
        "experts": [expert.pk],
        "day": day,
        "time": time,
        "minutes": minutes,
    } | more


@pytest.mark.parametrize(
    ("day", "time", "minutes", "start", "end"),
    [
        ("2027-03-14", "01:30", 120, utc(3, 14, 6, 30), utc(3, 14, 8, 30)),
        ("2027-11-07", "00:30", 120, utc(11, 7, 4, 30), utc(11, 7, 6, 30)),
        ("2027-03-13", "20:00", 600, utc(3, 14, 1), utc(3, 14, 11)),
    ],
)
def test_a_shoot_lasts_its_minutes_over_a_change_of_clocks(
    signed_in, producer, day, time, minutes, start, end
):
    expert = ExpertFactory()
    client = signed_in(producer)
    client.post(BOOK, form(day, time, minutes, expert))
    shoot = Shoot.objects.get()
    assert (shoot.starts_at, shoot.ends_at, shoot.minutes) == (start, end, minutes)
    with pytest.raises(ExpertBooked):
        booked(experts=[expert], at=end - dt.timedelta(minutes=1))
    booked(experts=[expert], at=end)


def test_local_datetimes_are_compared_as_instants():
    first, second = (dt.datetime(2027, 11, 7, 1, 30, tzinfo=NEW_YORK, fold=f) for f in (0, 1))
    hour = dt.timedelta(hours=1)
    expert = ExpertFactory()
    booked(experts=[expert], at=first, ends_at=second)
    booked(experts=[expert], at=second, ends_at=second.astimezone(dt.UTC) + hour)
    with pytest.raises(ExpertBooked):
        booked(experts=[expert], at=first.astimezone(dt.UTC) + hour / 2)
    assert [shoot.minutes for shoot in Shoot.objects.all()] == [60, 60]


@given(
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.lists(st.integers(0, 400 * 24 * 60), min_size=4, max_size=4),
)
def test_spans_overlap_as_their_instants_do(name, minutes):
    zone = ZoneInfo(name)
    a, b, c, d = (
        (utc(1, 1, 0) + dt.timedelta(minutes=number)).astimezone(zone) for number in minutes
    )
    one, other = Span.of(a, b), Span.of(c, d)
    assert overlaps(one, other) == (minutes[0] < minutes[3] and minutes[2] < minutes[1])


def test_a_skipped_time_is_refused_with_the_nearest(signed_in, producer):
    answer = signed_in(producer).post(BOOK, form("2027-03-14", "02:30", 30, ExpertFactory()))
    [said] = answer.context["form"].errors["time"]
    assert said.endswith("The nearest times are 01:59 and 03:00.")
    assert not Shoot.objects.exists()


def test_a_time_that_comes_twice_is_booked_and_said_which(signed_in, producer):
    client = signed_in(producer)
    page = client.post(BOOK, form("2027-11-07", "01:30", 30, ExpertFactory()), follow=True)
    first = Shoot.objects.get()
    assert first.starts_at == utc(11, 7, 5, 30)
    assert "01:30 (EDT, UTC−04:00) to 01:00 (EST, UTC−05:00)" in page.text
    client.post(BOOK, form("2027-11-07", "01:30", 30, ExpertFactory(), time_which="1"))
    assert Shoot.objects.latest("pk").starts_at == utc(11, 7, 6, 30)


@pytest.mark.parametrize("hour", [5, 6])
def test_a_shoot_in_the_doubled_hour_is_changed_without_moving(signed_in, producer, hour):
    shoot = booked(at=utc(11, 7, hour, 30))
    address = reverse("planning_shoots:edit", args=[shoot.pk])
    client = signed_in(producer)
    shown = client.get(address).context["form"]
    assert shown["time_which"].value() == str(hour - 5)
    data = form("2027-11-07", "01:30", 30, shoot.experts.get())
    data["videos"] = [shoot.videos.get().pk]
    for which in ("", str(hour - 5)):
        assert client.post(address, data | {"time_which": which}).status_code == 302
        shoot.refresh_from_db()
        assert shoot.starts_at == utc(11, 7, hour, 30)
    client.post(address, data | {"time_which": str(6 - hour)})
    shoot.refresh_from_db()
    assert shoot.starts_at == utc(11, 7, 11 - hour, 30)


def test_a_shoot_says_its_offsets_where_clocks_are_set_and_nowhere_else():
    over = booked(at=utc(3, 14, 6, 30), ends_at=utc(3, 14, 8, 30))
    assert shoot_time(over) == "Sun 14 Mar 2027, 01:30 (EST, UTC−05:00) to 04:30 (EDT, UTC−04:00)"
    assert shoot_time(booked(at=utc(6, 1, 14))) == "Tue 1 Jun 2027, 10:00 to 10:30"
