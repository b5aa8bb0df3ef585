import datetime as dt

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.factories import ExpertFactory, ResourceFactory, ShootFactory, VideoFactory
from tests.videos.planning.factories import HOUR, booked, tomorrow
from videos.planning import errors, shoots
from videos.planning.models import Resource, Shoot, Stage
from videos.planning.stages import TransitionRefused
from videos.planning.transitions import make_transition

pytestmark = pytest.mark.django_db


def stage_of(video):
    video.refresh_from_db()
    return video.stage


def test_booking_schedules_greenlit_videos_and_is_on_record(producer):
    videos = [VideoFactory(stage=Stage.GREENLIT), VideoFactory(stage=Stage.GREENLIT)]
    shoot = booked(videos=videos, by=producer, note="Bring the demo unit")
    assert set(shoot.videos.all()) == set(videos)
    assert (shoot.booked_by, shoot.note, shoot.minutes) == (producer, "Bring the demo unit", 30)
    for video in videos:
        assert stage_of(video) == Stage.SCHEDULED
        assert [(m.from_stage, m.to_stage, m.by) for m in video.transitions.all()] == [
            ("greenlit", "scheduled", producer)
        ]
    logged = ModelLogEntry.objects.get(action="planning.shoot.book")
    assert (logged.user, logged.object_id) == (producer, str(shoot.pk))


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in shoots.BOOKABLE])
def test_a_shoot_cannot_be_booked_for_a_video_that_is_not_greenlit(stage):
    video, fine = VideoFactory(stage=stage), VideoFactory(stage=Stage.GREENLIT)
    with pytest.raises(errors.VideoNotGreenlit) as refused:
        booked(videos=[fine, video])
    assert refused.value.video == video
    assert f"Its stage is “{stage.label}”." in refused.value.messages[0]
    assert (Shoot.objects.count(), stage_of(video), stage_of(fine)) == (0, stage, Stage.GREENLIT)


def test_a_scheduled_video_may_have_a_second_shoot():
    first = booked()
    video = first.videos.get()
    booked(videos=[video], at=tomorrow(15))
    assert (stage_of(video), video.shoots.count(), video.transitions.count()) == (
        Stage.SCHEDULED,
        2,
        1,
    )


def test_a_shoot_cannot_double_book_an_expert():
    ada = ExpertFactory(user__first_name="Ada", user__last_name="Lovelace")
    first = booked(experts=[ada], videos=[VideoFactory(title="Price?", stage=Stage.GREENLIT)])
    other = VideoFactory(stage=Stage.GREENLIT)
    with pytest.raises(errors.ExpertBooked) as refused:
        booked(experts=[ExpertFactory(), ada], videos=[other], at=first.ends_at - HOUR / 6)
    assert (refused.value.expert, refused.value.shoot) == (ada, first)
    assert refused.value.messages[0].startswith("Ada Lovelace is already booked at that time: ")
    assert refused.value.messages[0].endswith("10:00 to 10:30, for “Price?”.")
    assert (Shoot.objects.get(), stage_of(other)) == (first, Stage.GREENLIT)


@pytest.mark.parametrize("kind", Resource.Kind)
def test_a_shoot_cannot_double_book_a_place_a_crew_member_or_gear(kind):
    room = ResourceFactory(kind=kind, name="Blue room")
    first = booked(resources=[room])
    with pytest.raises(errors.ResourceBooked) as refused:
        booked(resources=[ResourceFactory(), room])
    assert (refused.value.resource, refused.value.shoot) == (room, first)
    assert refused.value.messages[0].startswith("Blue room is already booked at that time: ")


def test_one_shoot_may_follow_another_without_a_pause():
    first = booked()
    experts = list(first.experts.all())
    booked(experts=experts, at=first.ends_at)
    booked(experts=experts, at=first.starts_at - HOUR / 2)
    assert Shoot.objects.count() == 3


def test_a_cancelled_shoot_does_not_block_another(producer):
    first = booked()
    shoots.cancel(first.pk, by=producer)
    booked(experts=list(first.experts.all()))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, errors.ShootInThePast),
        ({"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, errors.ShootWithoutTime),
        ({"videos": []}, errors.EmptyShoot),
        ({"experts": []}, errors.EmptyShoot),
    ],
)
def test_a_shoot_needs_a_time_to_come_a_video_and_an_expert(fields, refusal):
    with pytest.raises(refusal):
        booked(**fields)
    assert not Shoot.objects.exists()


def as_it_is(shoot, **changes):
    return {
        "videos": list(shoot.videos.all()),
        "experts": list(shoot.experts.all()),
        "resources": list(shoot.resources.all()),
        "starts_at": shoot.starts_at,
        "ends_at": shoot.ends_at,
        **changes,
    }


def test_a_shoot_does_not_conflict_with_itself(producer):
    shoot = booked()
    shoots.change(
        shoot.pk, by=producer, **as_it_is(shoot, ends_at=shoot.ends_at + HOUR / 2, note="Longer")
    )
    shoot.refresh_from_db()
    assert (shoot.minutes, shoot.note) == (60, "Longer")
    assert ModelLogEntry.objects.filter(action="planning.shoot.change").count() == 1


def test_a_changed_shoot_is_checked_like_a_new_one(producer):
    first, second = booked(), booked(at=tomorrow(15))
    with pytest.raises(errors.ExpertBooked):
        shoots.change(
            second.pk,
            by=producer,
            **as_it_is(second, experts=list(first.experts.all()))
            | {"starts_at": first.starts_at, "ends_at": first.ends_at},
        )
    second.refresh_from_db()
    assert second.starts_at == tomorrow(15)


def test_videos_follow_into_and_out_of_a_shoot(producer):
    shoot = booked()
    old, new = shoot.videos.get(), VideoFactory(stage=Stage.GREENLIT)
    shoots.change(shoot.pk, by=producer, **as_it_is(shoot, videos=[new]))
    assert (stage_of(old), stage_of(new)) == (Stage.GREENLIT, Stage.SCHEDULED)


def test_cancelling_the_only_shoot_takes_a_video_back_to_greenlit(producer):
    shoot = booked()
    video = shoot.videos.get()
    shoots.cancel(shoot.pk, by=producer)
    shoot.refresh_from_db()
    assert stage_of(video) == Stage.GREENLIT
    assert shoot.cancelled_by == producer
    assert ModelLogEntry.objects.filter(action="planning.shoot.cancel", user=producer).count() == 1
    with pytest.raises(errors.ShootIsCancelled):
        shoots.cancel(shoot.pk, by=producer)


def test_a_video_with_another_shoot_stays_scheduled(producer):
    first = booked()
    video = first.videos.get()
    booked(videos=[video], at=tomorrow(15))
    shoots.cancel(first.pk, by=producer)
    assert stage_of(video) == Stage.SCHEDULED


def test_a_shoot_that_has_begun_is_not_changed(producer):
    video = VideoFactory(stage=Stage.SCHEDULED)
    shoot = ShootFactory(videos=[video], experts=[ExpertFactory()], starts_at=timezone.now() - HOUR)
    with pytest.raises(errors.ShootIsOver):
        shoots.change(shoot.pk, by=producer, **as_it_is(shoot, starts_at=tomorrow()))
    make_transition(video.pk, Stage.SHOT, by=producer)
    with pytest.raises(errors.ShootIsOver):
        shoots.cancel(shoot.pk, by=producer)


def test_a_shoot_that_did_not_take_place_is_cancelled_afterwards(producer):
    video = VideoFactory(stage=Stage.SCHEDULED)
    shoot = ShootFactory(videos=[video], starts_at=timezone.now() - HOUR)
    shoots.cancel(shoot.pk, by=producer)
    assert stage_of(video) == Stage.GREENLIT


def test_cancelling_a_video_frees_its_upcoming_shoots(producer):
    alone = booked()
    video = alone.videos.get()
    other = VideoFactory(stage=Stage.GREENLIT)
    shared = booked(videos=[video, other], at=tomorrow(15))
    make_transition(video.pk, Stage.CANCELLED, by=producer, note="The product is gone.")
    alone.refresh_from_db()
    shared.refresh_from_db()
    assert alone.cancelled_by == producer
    assert (shared.cancelled_at, list(shared.videos.all())) == (None, [other])
    assert stage_of(other) == Stage.SCHEDULED
    assert video.transitions.last().note == "The product is gone."


def test_a_cancellation_without_a_reason_changes_nothing(producer):
    shoot = booked()
    video = shoot.videos.get()
    with pytest.raises(TransitionRefused):
        make_transition(video.pk, Stage.CANCELLED, by=producer, note=" ")
    shoot.refresh_from_db()
    assert (stage_of(video), shoot.cancelled_at) == (Stage.SCHEDULED, None)
