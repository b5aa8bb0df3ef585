import pytest
from django.contrib.auth.models import AnonymousUser

from studio.people.roles import Role
from tests.factories import CutFactory, ExpertFactory, UserFactory, VideoFactory, ready_cut
from videos.planning.models import Stage
from videos.review.access import (
    may_approve,
    may_send_back,
    may_watch,
    reviewers_of,
    waiting_for,
)
from videos.review.approvals import approve, ask_for_changes

pytestmark = pytest.mark.django_db

# role: watches, asks for changes, approves
SAYS = {
    Role.PRODUCER: (True, True, False),
    Role.EXPERT: (True, False, False),  # of a video they are not on camera in
    Role.SALES_MANAGER: (True, True, True),
    Role.FINANCE: (False, False, False),
    Role.LEADER: (False, False, False),
}


@pytest.mark.parametrize("role", Role)
def test_who_has_a_say_on_any_cut(role, cut):
    user = UserFactory(role=role)
    says = (may_watch(user), may_send_back(user, cut.video), may_approve(user, cut.video))
    assert says == SAYS[role]


def test_an_expert_has_a_say_where_they_are_on_camera(cut, on_camera):
    assert may_send_back(on_camera.user, cut.video)
    assert may_approve(on_camera.user, cut.video)


def test_on_camera_without_the_role_is_no_say(cut):
    stranger = ExpertFactory(user=UserFactory(role=Role.FINANCE))
    cut.video.experts.add(stranger)
    assert not may_approve(stranger.user, cut.video)
    assert not may_approve(AnonymousUser(), cut.video)


def test_a_cut_waits_for_those_who_may_approve_it(cut, on_camera, producer, sales_manager):
    other_expert = ExpertFactory().user
    waiting = {
        user: list(waiting_for(user))
        for user in [on_camera.user, sales_manager, producer, other_expert]
    }
    assert waiting == {on_camera.user: [cut], sales_manager: [cut], producer: [], other_expert: []}
    assert list(waiting_for(AnonymousUser())) == []


def test_a_cut_does_not_wait_for_who_uploaded_it(on_camera, sales_manager):
    video = VideoFactory(stage=Stage.REVIEW, experts=[on_camera])
    cut = ready_cut(video=video, uploaded_by=on_camera.user)
    assert list(waiting_for(on_camera.user)) == []
    assert list(waiting_for(sales_manager)) == [cut]


def test_a_verdict_ends_the_waiting(cut, sales_manager):
    approve(cut, by=sales_manager)
    assert list(waiting_for(sales_manager)) == []


def test_changes_end_the_waiting_until_a_new_cut(cut, sales_manager):
    ask_for_changes(cut, by=sales_manager, note="Shorter, please.")
    assert list(waiting_for(sales_manager)) == []
    cut.video.stage = Stage.REVIEW  # as media does when the new cut is ready
    cut.video.save()
    newer = ready_cut(video=cut.video, number=2)
    assert list(waiting_for(sales_manager)) == [newer]


def test_only_the_newest_ready_cut_waits(cut, sales_manager):
    CutFactory(video=cut.video, number=3)
    assert list(waiting_for(sales_manager)) == [cut]
    newer = ready_cut(video=cut.video, number=4)
    assert list(waiting_for(sales_manager)) == [newer]


def test_a_new_cut_of_a_public_video_waits_until_somebody_spoke(sales_manager):
    video = VideoFactory(stage=Stage.PUBLISHED)
    cut = ready_cut(video=video)
    assert list(waiting_for(sales_manager)) == [cut]
    ask_for_changes(cut, by=sales_manager, note="Shorter, please.")
    assert list(waiting_for(sales_manager)) == []


def test_asked_are_the_experts_on_camera_and_the_managers_but_not_the_uploader(
    cut, on_camera, producer, sales_manager, finance, expert_user
):
    retired = ExpertFactory(user=UserFactory(role=Role.EXPERT, is_active=False))
    cut.video.experts.add(retired)
    assert set(reviewers_of(cut)) == {on_camera.user, sales_manager}
    cut.uploaded_by = on_camera.user
    assert set(reviewers_of(cut)) == {sales_manager}
