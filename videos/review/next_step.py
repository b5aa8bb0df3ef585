"""The review's part of a video's next step: the state of its newest cut."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse

from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.planning.next_step.loading import (
    person_of,
    register_pending_condition,
    register_state_loader,
)
from videos.planning.next_step.states import ReviewState
from videos.review.access import cuts_awaiting_review, users_with_permission
from videos.review.approvals import PUBLIC
from videos.review.models import Verdict

STAGES = {Stage.EDITING, Stage.REVIEW, Stage.APPROVED, *PUBLIC}


def register() -> None:
    """Register with planning's next step."""
    register_state_loader("review", review_states)
    register_pending_condition(has_pending_review)


def newest_ready_cuts() -> QuerySet[Cut]:
    """The newest ready cut of each video."""
    newest = (
        Cut.objects.filter(video=OuterRef("video"), state=Cut.State.READY)
        .order_by("-number")
        .values("pk")[:1]
    )
    return Cut.objects.filter(pk=Subquery(newest))


def has_pending_review() -> Q:
    """Public videos whose newest cut awaits review, or requested changes."""
    latest = Verdict.objects.filter(cut=OuterRef("pk")).order_by("-at", "-pk")
    sent_back = (
        newest_ready_cuts()
        .filter(video__stage__in=PUBLIC)
        .alias(latest=Subquery(latest.values("kind")[:1]))
        .filter(latest=Verdict.Kind.CHANGES)
    )
    asked = cuts_awaiting_review().filter(video__stage__in=PUBLIC)
    return Q(pk__in=asked.values("video")) | Q(pk__in=sent_back.values("video"))


def review_states(videos: Collection[Video]) -> dict[int, ReviewState]:
    """The review state of the newest ready cut of each video."""
    looked_at = {video.pk: video for video in videos if video.stage in STAGES}
    asked = newest_ready_cuts().filter(video__in=looked_at).order_by()
    found = asked.annotate(said=Count("comments", filter=Q(comments__done_at=None)))
    cuts = {cut.video_id: cut for cut in found}
    if not cuts:
        return {}
    verdicts = Verdict.objects.filter(cut__in=[cut.pk for cut in cuts.values()])
    latest = {one.cut_id: one for one in verdicts.select_related("by").order_by("at", "pk")}
    on_camera, managers = users_by_permission("review_cut", "review_any_cut")
    return {
        pk: review_state(looked_at[pk], cut, latest.get(cut.pk), on_camera, managers)
        for pk, cut in cuts.items()
    }


def users_by_permission(*permissions: str) -> list[set[int]]:
    """The primary keys of users with each of some permissions, in one query."""
    asked = [
        users_with_permission(name)
        .order_by()
        .annotate(holds=Value(name))
        .values_list("pk", "holds")
        for name in permissions
    ]
    rows = list(asked[0].union(*asked[1:]))
    return [{pk for pk, holds in rows if holds == name} for name in permissions]


def review_state(
    video: Video,
    cut: Any,
    verdict: Verdict | None,
    on_camera: set[int],
    managers: set[int],
) -> ReviewState:
    """The review state of a cut; `on_camera` and `managers` are keys of who may approve."""
    experts = [person_of(expert.user) for expert in video.experts.all()]
    reviewers = tuple(one for one in experts if one.pk in on_camera)
    asked = ({one.pk for one in reviewers} | managers) - {cut.uploaded_by_id}
    return ReviewState(
        state=state_of(cut, verdict),
        number=cut.number or 0,
        url=reverse("review_cuts:cut", args=[cut.pk]),
        reviewers=reviewers,
        uploader=cut.uploaded_by_id,
        reviewer=str(verdict.by) if verdict else "",
        open_comments=cut.said,
        has_reviewers=bool(asked),
        since=verdict.at if verdict else cut.uploaded_at,
    )


def state_of(cut: Cut, verdict: Verdict | None) -> str:
    """What the latest verdict on a cut makes of it; an approval is of the very file it holds."""
    if verdict is None:
        return "waiting"
    if verdict.kind == Verdict.Kind.CHANGES:
        return "changes"
    return "approved" if verdict.sha256 == cut.sha256 else "waiting"
