import pytest
from django.utils.timezone import now
from django_q.models import Schedule

from tests.factories import ready_cut
from videos.audience.models import View
from videos.audience.tracking import av1_promotion
from videos.media.models import Job, RenditionSet

pytestmark = pytest.mark.django_db


def watched(cut, times, **fields):
    for _ in range(times):
        View.objects.create(
            video=cut.video,
            started_at=now(),
            **{"counted_at": now(), "seconds_watched": 9} | fields,
        )


@pytest.fixture
def public_cut():
    cut = ready_cut()
    RenditionSet.objects.filter(pk=cut.current_set_id).update(is_public=True)
    return cut


def test_a_public_video_earns_a_second_set_by_counted_views(public_cut, settings):
    settings.AV1_FROM_VIEWS = 3
    watched(public_cut, 2)
    watched(public_cut, 5, counted_at=None)
    av1_promotion.ask_for_av1()
    assert not Job.objects.filter(kind="av1").exists()
    watched(public_cut, 1)
    av1_promotion.ask_for_av1()
    av1_promotion.ask_for_av1()
    assert Job.objects.get(kind="av1").cut == public_cut


def test_a_private_cut_earns_none_and_off_is_off(public_cut, settings):
    watched(public_cut, 3)
    settings.AV1_FROM_VIEWS = 0
    av1_promotion.ask_for_av1()
    assert not Job.objects.exists()
    RenditionSet.objects.update(is_public=False)
    assert av1_promotion.cuts_due_for_av1(1) == []


def test_it_is_looked_into_every_hour():
    schedule = Schedule.objects.get(func="videos.audience.tracking.av1_promotion.ask_for_av1")
    assert (schedule.schedule_type, schedule.minutes) == (Schedule.MINUTES, 60)
