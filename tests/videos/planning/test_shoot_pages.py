import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.people.roles import Role
from tests.factories import ExpertFactory, ResourceFactory, UserFactory, VideoFactory
from tests.videos.planning.factories import booked, is_forbidden, tomorrow
from videos.planning.models import Expert, Resource, Shoot, Stage
from videos.planning.urls_for import expert_url, shoot_url

pytestmark = pytest.mark.django_db

LIST = reverse("planning_shoots:index")
BOOK = reverse("planning_shoots:add")


@pytest.fixture
def ada(expert_user):
    return ExpertFactory(user=expert_user)


def form(videos, experts, at=None, minutes=30, **fields):
    at = at or tomorrow()
    return {
        "videos": [video.pk for video in videos],
        "experts": [expert.pk for expert in experts],
        "day": at.date().isoformat(),
        "time": f"{at:%H:%M}",
        "minutes": minutes,
    } | fields


def test_an_expert_finds_themselves_and_the_asked_video_chosen(signed_in, ada):
    greenlit = VideoFactory(stage=Stage.GREENLIT, experts=[ExpertFactory()])
    VideoFactory(stage=Stage.SCHEDULED)
    VideoFactory(stage=Stage.PLANNED)
    answer = signed_in(ada.user).get(BOOK, {"video": greenlit.pk})
    shown = answer.context["form"]
    assert set(shown.initial["experts"]) == {ada.pk, *greenlit.experts.values_list("pk", flat=True)}
    assert shown.initial["videos"] == [greenlit.pk]
    assert list(shown.fields["videos"].queryset) == [greenlit]


def test_an_expert_books_a_shoot_of_their_own(signed_in, ada):
    video = VideoFactory(stage=Stage.GREENLIT)
    answer = signed_in(ada.user).post(BOOK, form([video], [ada]))
    shoot = Shoot.objects.get()
    assert answer["Location"] == shoot_url(shoot)
    assert (shoot.starts_at, shoot.minutes, shoot.booked_by) == (tomorrow(), 30, ada.user)
    assert list(shoot.experts.all()) == [ada]


def test_an_expert_does_not_book_others_without_themselves(signed_in, ada):
    video = VideoFactory(stage=Stage.GREENLIT)
    answer = signed_in(ada.user).post(BOOK, form([video], [ExpertFactory()]))
    assert answer.context["form"].errors == {
        "experts": ["You can only book shoots with yourself on camera."]
    }
    assert not Shoot.objects.exists()


def test_a_refusal_names_who_is_booked_and_links_to_the_shoot(signed_in, producer, ada):
    first = booked(experts=[ada])
    room = ResourceFactory()
    answer = signed_in(producer).post(
        BOOK, form([VideoFactory(stage=Stage.GREENLIT)], [ada], resources=[room.pk])
    )
    html = answer.content.decode()
    assert f"{ada} is already booked at that time" in html
    assert f'href="{shoot_url(first)}"' in html
    assert Shoot.objects.get() == first


@pytest.mark.parametrize(("day", "minutes"), [("9999-12-31", 1440), ("9999-12-01", 30)])
def test_a_mistyped_year_is_refused_in_words(signed_in, producer, ada, day, minutes):
    video = VideoFactory(stage=Stage.GREENLIT)
    answer = signed_in(producer).post(BOOK, form([video], [ada], minutes=minutes, day=day))
    assert answer.context["form"].errors == {"day": ["That day is years ahead. Check the year."]}
    assert not Shoot.objects.exists()


def test_going_over_the_minutes_is_told_and_is_no_alarm(signed_in, producer, ada):
    video = VideoFactory(stage=Stage.GREENLIT)
    at = tomorrow()
    answer = signed_in(producer).post(BOOK, form([video], [ada], at, minutes=45), follow=True)
    assert Shoot.objects.count() == 1
    said = [(str(message).strip(), message.level_tag) for message in answer.context["messages"]]
    assert (f"{ada} is now booked for 45 of 30 min of that month.", "info") in said
    (minutes,) = answer.context["minutes"]
    assert (minutes.booked, minutes.promised) == (45, 30)


def test_a_shoot_is_changed_and_cancelled_by_those_who_may(signed_in, ada, sales_manager):
    shoot = booked(experts=[ada])
    stranger = ExpertFactory().user
    edit = reverse("planning_shoots:edit", args=[shoot.pk])
    cancel = reverse("planning_shoots:cancel", args=[shoot.pk])
    later = form(shoot.videos.all(), [ada], tomorrow(16), minutes=20)
    for url in (edit, cancel):
        assert is_forbidden(signed_in(stranger).post(url, later))
    assert signed_in(ada.user).post(edit, later)["Location"] == shoot_url(shoot)
    shoot.refresh_from_db()
    assert (shoot.starts_at, shoot.minutes, shoot.cancelled_at) == (tomorrow(16), 20, None)
    assert signed_in(ada.user).get(cancel).status_code == 405
    signed_in(sales_manager).post(cancel)
    shoot.refresh_from_db()
    assert shoot.cancelled_by == sales_manager


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRODUCER, 200),
        (Role.EXPERT, 200),
        (Role.SALES_MANAGER, 200),
        (Role.FINANCE, 302),
        (Role.LEADER, 302),
    ],
)
def test_who_sees_shoots_experts_and_resources(signed_in, role, status):
    shoot = booked()
    client = signed_in(UserFactory(role=role))
    urls = [LIST, BOOK, shoot_url(shoot), expert_url(shoot.experts.get())]
    lists = [reverse(f"planning_{room}:index") for room in ("experts", "resources")]
    assert {client.get(url).status_code for url in urls + lists} == {status}


def test_the_list_shows_what_is_to_come_unless_asked(signed_in, producer):
    coming, past, cancelled = booked(), booked(), booked()
    Shoot.objects.filter(pk=past.pk).update(
        starts_at=timezone.now() - dt.timedelta(days=2),
        ends_at=timezone.now() - dt.timedelta(days=1),
    )
    signed_in(producer).post(reverse("planning_shoots:cancel", args=[cancelled.pk]))

    def found(**query):
        return list(signed_in(producer).get(LIST, query).context["object_list"])

    assert found() == [coming]
    assert found(when="past") == [past]
    assert found(when="cancelled") == [cancelled]
    assert set(found(when="all")) == {coming, past, cancelled}


def test_an_expert_list_shows_the_minutes_of_this_month(signed_in, sales_manager, ada):
    now = timezone.now()
    Shoot.objects.create(
        starts_at=now, ends_at=now + dt.timedelta(minutes=20), booked_by=sales_manager
    ).experts.add(ada)
    html = signed_in(sales_manager).get(reverse("planning_experts:index")).content.decode()
    assert "20 of 30 min" in html
    assert "20 of 30 min" in signed_in(ada.user).get(expert_url(ada)).content.decode()


def test_minutes_are_set_by_producers_and_sales_managers(signed_in, sales_manager, ada):
    edit = reverse("planning_experts:edit", args=[ada.pk])
    change = {"minutes_a_month": 45, "topics": "pricing", "active": "on"}
    assert is_forbidden(signed_in(ada.user).post(edit, change))
    assert Expert.objects.get().minutes_a_month == 30
    signed_in(sales_manager).post(edit, change)
    assert Expert.objects.get().minutes_a_month == 45


def test_a_resource_is_added_and_changed(signed_in, producer):
    client = signed_in(producer)
    client.post(reverse("planning_resources:add"), {"kind": "place", "name": "Blue room"})
    room = Resource.objects.get()
    client.post(
        reverse("planning_resources:edit", args=[room.pk]), {"kind": "place", "name": "Red room"}
    )
    assert Resource.objects.get().name == "Red room"


def test_lists_and_pages_stay_within_their_queries(
    signed_in, producer, django_assert_max_num_queries
):
    experts = [ExpertFactory() for _ in range(3)]
    for hour in range(1, 20):
        shoot = booked(at=tomorrow(hour), experts=experts, by=producer)
    client = signed_in(producer)
    urls = [LIST, BOOK, shoot_url(shoot), reverse("planning_shoots:edit", args=[shoot.pk])]
    for url in [*urls, reverse("planning_experts:index"), expert_url(experts[0])]:
        with django_assert_max_num_queries(30):
            assert client.get(url).status_code == 200
