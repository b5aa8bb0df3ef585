"""Verdicts on cuts: approvals and requests for changes, and the stage changes they cause."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from studio.changes import REASON
from studio.people.models import User
from videos.media.jobs.audio_tracks import is_being_remade
from videos.media.models import Cut
from videos.media.uploads.removal import register_removal_guard
from videos.planning import stages
from videos.planning.models import Stage, Video
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
from videos.review.log_actions import APPROVAL_WITHDRAWN
from videos.review.models import Verdict

# Sent inside the transaction of a verdict, with `verdict`.
verdict_given = Signal()

# Here a verdict is recorded and the stage stays: the public page goes on as it is.
PUBLIC = {Stage.PUBLISHED, Stage.RETIRED}


@dataclass(frozen=True)
class ApprovalState:
    """What a verdict depends on, as plain values read under the video's lock."""

    stage: Stage
    ready: bool
    newest: bool  # no newer cut of the video is ready
    same_source: bool  # the checksum is that of the cut that was watched
    own_upload: bool  # the reviewer uploaded it
    approved: bool  # the latest verdict on it is an approval of this very source


def may_be_approved(standing: ApprovalState) -> bool:
    """Whether this cut may be approved now, by this reviewer.

    Nobody approves what they uploaded, whatever their role: an expert on camera who uploaded
    the cut themself needs the sales manager or another expert on camera.
    """
    return (
        standing.ready
        and standing.newest
        and standing.same_source
        and not standing.own_upload
        and (standing.stage == Stage.REVIEW or (standing.stage in PUBLIC and not standing.approved))
    )


def may_be_sent_back(standing: ApprovalState) -> bool:
    """Whether changes may be asked for; an approval can be taken back until it is published."""
    return (
        standing.ready
        and standing.newest
        and standing.same_source
        and standing.stage in {Stage.REVIEW, Stage.APPROVED, *PUBLIC}
    )


def approve(cut: Cut, *, by: User, at: dt.datetime | None = None) -> Verdict:
    """Approve the file of `cut`, and move its video from review to approved.

    The approval of a newer cut of a public video is recorded, and its stage stays. Raises a
    ReviewRefused. Whether `by` may review this video is asked before, see `access.py`.
    """
    with transaction.atomic():
        fresh = lock_cut(cut)
        standing = approval_state(fresh, watched=cut.sha256, by=by)
        if not may_be_approved(standing):
            raise refusal_for(fresh, standing)
        verdict = record_verdict(fresh, Verdict.Kind.APPROVED, by=by, at=at)
        if standing.stage == Stage.REVIEW:
            stages.change_stage(fresh.video_id, Stage.APPROVED, room="review", by=by, at=at)
    return verdict


def ask_for_changes(cut: Cut, *, by: User, note: str, at: dt.datetime | None = None) -> Verdict:
    """Send the video back to editing with a note of what to change.

    For a public video the verdict is recorded and the stage stays. Raises a ReviewRefused.
    """
    if not note.strip():
        raise NoteMissing
    with transaction.atomic():
        fresh = lock_cut(cut)
        standing = approval_state(fresh, watched=cut.sha256, by=by)
        if not may_be_sent_back(standing):
            raise refusal_for(fresh, standing)
        if standing.approved:
            log_withdrawn_approval(fresh, by=by, note=note.strip())
        verdict = record_verdict(fresh, Verdict.Kind.CHANGES, by=by, at=at, note=note.strip())
        if standing.stage not in PUBLIC:
            stages.send_back(fresh.video_id, by=by, note=verdict.note, at=at)
    return verdict


def log_withdrawn_approval(cut: Cut, *, by: User, note: str) -> None:
    """Log on the video that the approval of its cut was withdrawn, and why."""
    approval = cut.verdicts.select_related("by").first()
    assert approval
    data = {"cut": cut.number, "approved_by": str(approval.by), REASON: note}
    log(cut.video, APPROVAL_WITHDRAWN, user=by, data=data)


def approved_cuts() -> QuerySet[Cut]:
    """The ready cuts whose latest verdict approves the very file they hold."""
    latest = Verdict.objects.filter(cut=OuterRef("pk")).order_by("-at", "-pk")
    return Cut.objects.annotate(
        latest_kind=Subquery(latest.values("kind")[:1]),
        latest_sha256=Subquery(latest.values("sha256")[:1]),
    ).filter(state=Cut.State.READY, latest_kind=Verdict.Kind.APPROVED, latest_sha256=F("sha256"))


def approved_cut(video: Video) -> Cut | None:
    """The newest approved cut of a video: the one that may be published."""
    return approved_cuts().filter(video=video).order_by("-number").first()


@register_removal_guard
def keep_reviewed_cut(cut: Cut) -> str:
    """A cut with verdicts or comments cannot be removed."""
    if not (cut.verdicts.exists() or cut.comments.exists()):
        return ""
    return _("This cut has been reviewed, so it cannot be removed.")


def is_sent_back(cut: Cut) -> bool:
    """Whether the latest verdict on a cut requests changes."""
    latest = cut.verdicts.first()
    return latest is not None and latest.kind == Verdict.Kind.CHANGES


def newest_ready_cut(video_id: int) -> Cut | None:
    """The newest ready cut of a video, which a review is about."""
    ready = Cut.objects.filter(video=video_id, state=Cut.State.READY).order_by("-number")
    return ready.select_related("current_set").first()


def is_newer(other: Cut, cut: Cut) -> bool:
    """Whether `other`, which has a number, is newer than `cut`. Cuts without number are older."""
    return not cut.goes_by_number or (other.number or 0) > (cut.number or 0)


def newest_early_cut(video_id: int) -> Cut | None:
    """The newest cut, if only a small version of it can be watched so far."""
    newest = Cut.objects.numbered().filter(video=video_id).order_by("-number").first()
    if newest is None or newest.current_set_id is None or newest.state == Cut.State.READY:
        return None
    return newest


def lock_cut(cut: Cut) -> Cut:
    """The cut from the database, with its video locked until the transaction ends."""
    video = Video.objects.select_for_update().get(pk=cut.video_id)
    fresh = Cut.objects.get(pk=cut.pk)
    fresh.video = video
    return fresh


def approval_state(cut: Cut, *, watched: str, by: User) -> ApprovalState:
    """The state of `cut` for the reviewer `by`, who watched the source with that checksum."""
    latest = cut.verdicts.first()
    newest = newest_ready_cut(cut.video_id)
    return ApprovalState(
        stage=Stage(cut.video.stage),
        ready=cut.state == Cut.State.READY and not is_being_remade(cut),
        newest=newest is None or not is_newer(newest, cut),
        same_source=cut.sha256 == watched,
        own_upload=cut.uploaded_by_id == by.pk,
        approved=latest is not None
        and latest.kind == Verdict.Kind.APPROVED
        and latest.sha256 == cut.sha256,
    )


def refusal_for(cut: Cut, standing: ApprovalState) -> ReviewRefused:
    """Why a verdict is refused; the most relevant reason."""
    if not standing.ready:
        return CutNotReady(cut)
    newest, latest = newest_ready_cut(cut.video_id), cut.verdicts.select_related("by").first()
    if not standing.newest and newest:
        return NewerCut(newest)
    if not standing.same_source:
        return OtherSource(cut)
    if standing.approved and latest:
        return AlreadyApproved(cut, latest)
    if standing.stage not in {Stage.REVIEW, *PUBLIC}:
        return NotInReview(cut, standing.stage)
    return OwnUpload(cut)


def record_verdict(
    cut: Cut, kind: Verdict.Kind, *, by: User, at: dt.datetime | None, note: str = ""
) -> Verdict:
    """Save the verdict with the checksum it applies to."""
    verdict = Verdict.objects.create(
        cut=cut, kind=kind, sha256=cut.sha256, note=note, by=by, at=at or timezone.now()
    )
    verdict_given.send(sender=Verdict, verdict=verdict)
    return verdict
