"""Two people book at the same instant: threads with connections of their own."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from studio.people.roles import Role
from tests.factories import ExpertFactory, ResourceFactory, UserFactory, VideoFactory
from tests.videos.planning.factories import HOUR, tomorrow
from videos.planning import errors, shoots
from videos.planning.models import Resource, Shoot, Stage

ROUNDS = 12

pytestmark = pytest.mark.django_db(transaction=True)


def at_the_same_instant(*bookings):
    """The exception of each booking, or None, when all are made at once."""
    barrier = Barrier(len(bookings))
    outcomes = [None] * len(bookings)

    def make(place, booking):
        try:
            connection.ensure_connection()
            barrier.wait(10)
            shoots.book(**booking)
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [Thread(target=make, args=pair) for pair in enumerate(bookings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def wish(by, experts, at, resources=(), video=None):
    return {
        "videos": [video or VideoFactory(stage=Stage.GREENLIT)],
        "experts": experts,
        "resources": list(resources),
        "starts_at": at,
        "ends_at": at + HOUR / 2,
        "by": by,
    }


@pytest.fixture
def producer():
    return UserFactory(role=Role.PRODUCER)


def test_two_people_cannot_double_book_an_expert_at_the_same_instant(producer):
    ada = ExpertFactory()
    for number in range(ROUNDS):
        at = tomorrow() + number * HOUR
        outcomes = at_the_same_instant(*(wish(producer, [ada], at) for _ in range(3)))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "ExpertBooked",
            "ExpertBooked",
            "NoneType",
        ]
        assert Shoot.objects.filter(starts_at=at).count() == 1


@pytest.mark.parametrize("kind", Resource.Kind)
def test_two_people_cannot_double_book_a_place_a_crew_member_or_gear_at_the_same_instant(
    producer, kind
):
    room = ResourceFactory(kind=kind)
    for number in range(ROUNDS // len(Resource.Kind)):
        at = tomorrow() + number * HOUR
        outcomes = at_the_same_instant(
            wish(producer, [ExpertFactory()], at, [room]),
            wish(producer, [ExpertFactory()], at, [room]),
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "NoneType",
            "ResourceBooked",
        ]


def test_bookings_with_the_same_experts_in_opposite_order_do_not_deadlock(producer):
    ada, ben = ExpertFactory(), ExpertFactory()
    one, two = (VideoFactory(stage=Stage.GREENLIT) for _ in range(2))
    for number in range(ROUNDS):
        at = tomorrow() + number * HOUR
        outcomes = at_the_same_instant(
            wish(producer, [ada, ben], at) | {"videos": [one, two]},
            wish(producer, [ben, ada], at) | {"videos": [two, one]},
            wish(producer, [ben, ada], at + HOUR / 2) | {"videos": [two, one]},
        )
        assert outcomes[2] is None
        assert [type(outcome) for outcome in outcomes[:2] if outcome] == [errors.ExpertBooked]


def test_a_video_booked_twice_at_the_same_instant_changes_its_stage_once(producer):
    video = VideoFactory(stage=Stage.GREENLIT)
    outcomes = at_the_same_instant(
        *(wish(producer, [ExpertFactory()], tomorrow(), video=video) for _ in range(2))
    )
    assert outcomes == [None, None]
    assert [(m.from_stage, m.to_stage) for m in video.transitions.all()] == [
        ("greenlit", "scheduled")
    ]
