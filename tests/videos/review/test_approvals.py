import dataclasses
import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import ModelLogEntry

from studio.people.roles import Role
from tests.factories import CutFactory, ExpertFactory, UserFactory, VideoFactory, ready_cut
from videos.media.models import Cut
from videos.planning.models import Stage, StageTransition
from videos.review.approvals import (
    ApprovalState,
    approve,
    approved_cut,
    ask_for_changes,
    may_be_approved,
    may_be_sent_back,
)
from videos.review.errors import (
    AlreadyApproved,
    CutNotReady,
    NewerCut,
    NoteMissing,
    NotInReview,
    OtherSource,
    OwnUpload,
    ReviewRefused,
)
from videos.review.models import Verdict

pytestmark = pytest.mark.django_db

SOUND = ApprovalState(
    stage=Stage.REVIEW,
    ready=True,
    newest=True,
    same_source=True,
    own_upload=False,
    approved=False,
)


def stage_of(cut: Cut) -> str:
    cut.video.refresh_from_db()
    return cut.video.stage


@pytest.fixture
def cut():
    return ready_cut(video=VideoFactory(stage=Stage.REVIEW))


@pytest.mark.parametrize(
    "change", [{"ready": False}, {"newest": False}, {"same_source": False}, {"own_upload": True}]
)
def test_an_approval_needs_every_one_of_its_conditions(change):
    assert may_be_approved(SOUND)
    assert not may_be_approved(dataclasses.replace(SOUND, **change))


def test_a_cut_is_approved_in_review_and_once_more_only_there():
    allowed = {
        (stage, approved)
        for stage, approved in itertools.product(Stage, [False, True])
        if may_be_approved(dataclasses.replace(SOUND, stage=stage, approved=approved))
    }
    assert allowed == {
        (Stage.REVIEW, False),
        (Stage.REVIEW, True),
        (Stage.PUBLISHED, False),
        (Stage.RETIRED, False),
    }


def test_changes_may_be_asked_for_from_review_on():
    allowed = {
        stage for stage in Stage if may_be_sent_back(dataclasses.replace(SOUND, stage=stage))
    }
    assert allowed == {Stage.REVIEW, Stage.APPROVED, Stage.PUBLISHED, Stage.RETIRED}


def test_an_approval_moves_the_video_and_is_on_record(cut, sales_manager):
    at = timezone.now() - dt.timedelta(days=3)

    verdict = approve(cut, by=sales_manager, at=at)

    assert list(Verdict.objects.values_list("cut", "kind", "sha256", "by", "at", "note")) == [
        (cut.pk, "approved", cut.sha256, sales_manager.pk, at, "")
    ]
    assert verdict.cut == cut
    assert list(
        StageTransition.objects.values_list("from_stage", "to_stage", "room", "by", "at")
    ) == [("review", "approved", "review", sales_manager.pk, at)]
    assert stage_of(cut) == Stage.APPROVED
    assert approved_cut(cut.video) == cut


def test_an_approval_belongs_to_a_cuts_checksum_so_a_new_cut_needs_a_new_approval(sales_manager):
    video = VideoFactory(stage=Stage.REVIEW)
    first = ready_cut(video=video, number=1)
    approve(first, by=sales_manager)
    video.stage = Stage.REVIEW  # as media does when the second cut is ready
    video.save()
    second = ready_cut(video=video, number=2, sha256="2" * 64)

    assert approved_cut(video) == first
    with pytest.raises(NewerCut):
        approve(first, by=sales_manager)
    approve(second, by=sales_manager)
    assert approved_cut(video) == second


def test_an_approval_of_another_source_is_none(cut, sales_manager):
    approve(cut, by=sales_manager)
    Cut.objects.filter(pk=cut.pk).update(sha256="e" * 64)
    assert approved_cut(cut.video) is None


def test_a_source_that_changed_under_the_reviewer_is_refused(cut, sales_manager):
    Cut.objects.filter(pk=cut.pk).update(sha256="e" * 64)
    with pytest.raises(OtherSource):
        approve(cut, by=sales_manager)
    with pytest.raises(OtherSource):
        ask_for_changes(cut, by=sales_manager, note="Shorter, please.")
    assert Verdict.objects.count() == 0
    assert stage_of(cut) == Stage.REVIEW


def test_nobody_approves_their_own_upload(sales_manager):
    ada, bob = ExpertFactory(), ExpertFactory()
    video = VideoFactory(stage=Stage.REVIEW, experts=[ada, bob])
    cut = ready_cut(video=video, uploaded_by=ada.user)

    with pytest.raises(OwnUpload):
        approve(cut, by=ada.user)
    assert Verdict.objects.count() == 0
    assert stage_of(cut) == Stage.REVIEW

    approve(cut, by=bob.user)
    assert stage_of(cut) == Stage.APPROVED


@pytest.mark.parametrize("state", [state for state in Cut.State if state != "ready"])
def test_a_cut_that_nobody_could_watch_gets_no_verdict(state, sales_manager):
    cut = CutFactory(video=VideoFactory(stage=Stage.REVIEW), state=state, reason="No video in it.")
    with pytest.raises(CutNotReady):
        approve(cut, by=sales_manager)
    with pytest.raises(CutNotReady):
        ask_for_changes(cut, by=sales_manager, note="Shorter, please.")
    assert Verdict.objects.count() == 0


def test_the_newest_ready_cut_is_the_one_to_judge_whatever_is_being_made(sales_manager):
    video = VideoFactory(stage=Stage.REVIEW)
    ready = ready_cut(video=video, number=1)
    CutFactory(video=video, number=2)
    approve(ready, by=sales_manager)
    assert approved_cut(video) == ready


def taken_back(cut):
    """Whose approvals were taken back, by whom and why, as the video's history says."""
    entries = ModelLogEntry.objects.for_instance(cut.video).filter(action="review.take_back")
    return [(entry.user, entry.message, entry.comment) for entry in entries]


def test_changes_send_the_video_back_to_editing_with_the_note(cut, sales_manager):
    verdict = ask_for_changes(cut, by=sales_manager, note=" Shorter, please. ")
    assert (verdict.kind, verdict.note) == ("changes", "Shorter, please.")
    assert list(StageTransition.objects.values_list("from_stage", "to_stage", "by", "note")) == [
        ("review", "editing", sales_manager.pk, "Shorter, please.")
    ]
    assert stage_of(cut) == Stage.EDITING
    assert approved_cut(cut.video) is None
    with pytest.raises(NotInReview):
        approve(cut, by=sales_manager)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_changes_need_a_note(note, cut, sales_manager):
    with pytest.raises(NoteMissing):
        ask_for_changes(cut, by=sales_manager, note=note)
    assert stage_of(cut) == Stage.REVIEW


def test_an_approval_can_be_taken_back_until_the_video_is_published(cut, sales_manager):
    approve(cut, by=sales_manager)
    other = UserFactory(role=Role.SALES_MANAGER)
    ask_for_changes(cut, by=other, note=" The price is wrong. ")
    assert stage_of(cut) == Stage.EDITING
    assert approved_cut(cut.video) is None
    assert taken_back(cut) == [
        (
            other,
            f"Withdrew the approval of cut {cut.number} by {sales_manager}",
            "The price is wrong.",
        )
    ]


def test_changes_of_what_nobody_approved_take_nothing_back(cut, sales_manager):
    ask_for_changes(cut, by=sales_manager, note="The price is wrong.")
    assert taken_back(cut) == []


def test_once_is_enough(cut, sales_manager):
    approve(cut, by=sales_manager)
    with pytest.raises(AlreadyApproved) as refusal:
        approve(cut, by=UserFactory(role=Role.SALES_MANAGER))
    assert str(sales_manager) in refusal.value.messages[0]
    assert Verdict.objects.count() == 1


@pytest.mark.parametrize("stage", [Stage.PUBLISHED, Stage.RETIRED])
def test_a_verdict_on_a_public_video_leaves_its_stage(stage, sales_manager):
    video = VideoFactory(stage=stage)
    cut = ready_cut(video=video)
    approve(cut, by=sales_manager)
    assert approved_cut(video) == cut
    ask_for_changes(cut, by=sales_manager, note="The price has changed.")
    assert approved_cut(video) is None
    assert stage_of(cut) == stage
    assert StageTransition.objects.count() == 0
    assert len(taken_back(cut)) == 1


@pytest.mark.parametrize(
    "stage", sorted(set(Stage) - {Stage.REVIEW, Stage.PUBLISHED, Stage.RETIRED})
)
def test_outside_review_nothing_is_approved(stage, sales_manager):
    cut = ready_cut(video=VideoFactory(stage=stage))
    with pytest.raises(NotInReview):
        approve(cut, by=sales_manager)
    assert Verdict.objects.count() == 0
    assert stage_of(cut) == stage


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_the_same_instant_make_one_approval():
    cut = ready_cut(video=VideoFactory(stage=Stage.REVIEW))
    reviewers = [UserFactory(), UserFactory()]

    def try_to_approve(user):
        try:
            return approve(cut, by=user).kind
        except ReviewRefused as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(try_to_approve, reviewers))

    assert outcomes.count("approved") == 1
    assert outcomes.count(AlreadyApproved) == 1
    assert StageTransition.objects.count() == 1
