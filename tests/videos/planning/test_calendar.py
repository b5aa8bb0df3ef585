import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from tests.factories import ExpertFactory, ShootFactory, UserFactory, VideoFactory
from tests.videos.publishing.factories import draft_page
from videos.planning.models import Stage
from videos.planning.urls_for import shoot_url, video_url

pytestmark = pytest.mark.django_db

URL = reverse("planning_calendar")
MARCH = {"year": 2030, "month": 3}


def at(day, hour=10):
    return dt.datetime(2030, 3, day, hour, tzinfo=dt.UTC)


def shoot(day, **fields):
    starts_at = fields.pop("starts_at", at(day))
    return ShootFactory(starts_at=starts_at, ends_at=starts_at + dt.timedelta(minutes=30), **fields)


def on_the_calendar(answer):
    return [
        (day.date.day, entry.kind, entry.title)
        for day in answer.context["days"]
        for entry in day.entries
    ]


def test_the_month_shows_shoots_planned_days_and_the_day_of_publication(signed_in, producer):
    price = VideoFactory(title="Price", planned_for=dt.date(2030, 3, 20), stage=Stage.SCHEDULED)
    early = VideoFactory(
        title="Safety",
        planned_for=dt.date(2030, 3, 25),
        stage=Stage.PUBLISHED,
        published_at=at(22),
    )
    made = shoot(5, videos=[price])
    VideoFactory(title="April", planned_for=dt.date(2030, 4, 1))
    VideoFactory(title="No day yet")
    VideoFactory(title="Gone", planned_for=dt.date(2030, 3, 6), stage=Stage.CANCELLED)
    cancelled = shoot(7, videos=[price])
    cancelled.cancelled_at, cancelled.cancelled_by = timezone.now(), producer
    cancelled.save()
    answer = signed_in(producer).get(URL, MARCH)
    assert on_the_calendar(answer) == [
        (5, "shoot", "Price"),
        (20, "planned", "Price"),
        (22, "published", "Safety"),
    ]
    html = answer.content.decode()
    for url in (shoot_url(made), video_url(price), video_url(early)):
        assert f'href="{url}"' in html


def test_times_are_those_of_the_studio(signed_in, producer, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    shoot(31, videos=[VideoFactory(title="Late")], starts_at=at(31, 21))
    shoot(31, videos=[VideoFactory(title="In April")], starts_at=at(31, 22))
    shoot(1, videos=[VideoFactory(title="First")], starts_at=at(1, 0) - dt.timedelta(minutes=30))
    answer = signed_in(producer).get(URL, MARCH)
    assert on_the_calendar(answer) == [(1, "shoot", "First"), (31, "shoot", "Late")]
    assert [e.time for d in answer.context["days"] for e in d.entries] == ["00:30", "23:00"]
    april = signed_in(producer).get(URL, {"year": 2030, "month": 4})
    assert on_the_calendar(april) == [(1, "shoot", "In April")]
    assert "Times in Europe/Berlin." in answer.content.decode()


def test_the_days_of_the_neighbour_months_are_as_full_as_its_own(signed_in, producer):
    VideoFactory(title="April", planned_for=dt.date(2030, 4, 30))
    ShootFactory(
        videos=[VideoFactory(title="May")],
        starts_at=dt.datetime(2030, 5, 1, 10, tzinfo=dt.UTC),
    )
    answer = signed_in(producer).get(URL, {"year": 2030, "month": 4})
    days = {day.date: day for day in answer.context["days"] if day.entries}
    assert sorted(days) == [dt.date(2030, 4, 30), dt.date(2030, 5, 1)]
    assert days[dt.date(2030, 5, 1)].is_outside


def test_a_shoot_through_a_night_stands_on_each_of_its_days(signed_in, producer):
    night = dt.datetime(2030, 4, 30, 22, tzinfo=dt.UTC)
    ShootFactory(
        videos=[VideoFactory(title="Night")],
        starts_at=night,
        ends_at=night + dt.timedelta(hours=29),
    )
    ShootFactory(
        videos=[VideoFactory(title="Till midnight")],
        starts_at=night,
        ends_at=night + dt.timedelta(hours=2),
    )
    client = signed_in(producer)
    for month in (4, 5):
        answer = client.get(URL, {"year": 2030, "month": month})
        found = [
            (day.date.isoformat(), entry.time)
            for day in answer.context["days"]
            for entry in day.entries
            if entry.title == "Night"
        ]
        assert found == [
            ("2030-04-30", "22:00"),
            ("2030-05-01", "all day"),
            ("2030-05-02", "until 03:00"),
        ]
    assert (30, "shoot", "Till midnight") in on_the_calendar(answer)
    assert (1, "shoot", "Till midnight") not in on_the_calendar(answer)


def test_a_page_that_goes_live_by_itself_stands_there_with_its_time(signed_in, producer):
    video = VideoFactory(title="Price", stage="approved", planned_for=dt.date(2030, 3, 20))
    page = draft_page(video)
    page.go_live_at = at(21)
    page.save_revision().publish()
    answer = signed_in(producer).get(URL, MARCH)
    assert on_the_calendar(answer) == [(21, "due", "Price")]
    (entry,) = [entry for day in answer.context["days"] for entry in day.entries]
    assert (entry.time, entry.url) == ("10:00", video_url(video))
    assert entry.next == "It goes live automatically on Thu 21 Mar 2030, 10:00."


def test_the_calendar_is_narrowed_to_one_expert(signed_in, producer):
    ada, ben = ExpertFactory(), ExpertFactory()
    price = VideoFactory(title="Price", planned_for=dt.date(2030, 3, 9), experts=[ada, ben])
    shoot(5, videos=[price], experts=[ada])
    shoot(6, videos=[price], experts=[ben])
    answer = signed_in(producer).get(URL, MARCH | {"expert": ben.pk})
    assert on_the_calendar(answer) == [(6, "shoot", "Price"), (9, "planned", "Price")]
    assert answer.context["after"]["url"].endswith(f"?year=2030&month=4&expert={ben.pk}")


def test_one_steps_from_month_to_month_and_back_to_today(signed_in, producer):
    client = signed_in(producer)
    december = client.get(URL, {"year": 2030, "month": 12})
    assert december.context["after"]["url"] == f"{URL}?year=2031&month=1"
    assert december.context["before"]["url"] == f"{URL}?year=2030&month=11"
    today = timezone.localdate()
    assert client.get(december.context["this_url"]).context["month"] == today.replace(day=1)
    assert [day.date for day in client.get(URL).context["days"] if day.is_today] == [today]


@pytest.mark.parametrize(
    "query",
    [
        {"year": "2030"},
        {"year": "2030", "month": "13"},
        {"year": "x", "month": "1"},
        {"year": "1", "month": "1"},
        {"year": "99999999", "month": "1"},
    ],
)
def test_a_month_that_is_none_is_not_found(signed_in, producer, query):
    assert signed_in(producer).get(URL, query).status_code == 404


@pytest.mark.parametrize("role", Role)
def test_every_role_sees_it_and_is_led_only_where_they_may_go(signed_in, role):
    video = VideoFactory()
    made = shoot(5, videos=[video])
    client = signed_in(UserFactory(role=role))
    (entry,) = [e for day in client.get(URL, MARCH).context["days"] for e in day.entries]
    may_open = role not in {Role.FINANCE, Role.LEADER}
    assert entry.url == (shoot_url(made) if may_open else video_url(video))
    assert client.get(entry.url).status_code == 200


def test_a_colleague_without_a_role_does_not_see_it(signed_in):
    user = UserFactory()
    assert signed_in(user).get(URL).status_code == 302
    assert signed_in(None).get(URL).status_code == 302


def test_a_full_month_needs_as_few_queries_as_an_empty_one(
    signed_in, expert_user, django_assert_max_num_queries
):
    experts = [ExpertFactory() for _ in range(3)]
    for day in range(1, 29):
        video = VideoFactory(planned_for=dt.date(2030, 3, day), experts=experts)
        shoot(day, videos=[video, VideoFactory()], experts=experts)
    client = signed_in(expert_user)
    client.get(URL)
    with django_assert_max_num_queries(40):  # six of them are Wagtail's own
        client.get(URL, MARCH)
