"""Who may review which cuts: managers any, experts those with themselves on camera."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from studio.people.models import User
from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.review.approvals import PUBLIC
from videos.review.models import Comment, Verdict


def may_watch(user: User | AnonymousUser) -> bool:
    """Whether the user may open the review, to watch and read."""
    return user.has_perm("review.view_verdict")


def may_approve(user: User | AnonymousUser, video: Video) -> bool:
    """Whether the user's approval counts for this video."""
    if user.has_perm("review.review_any_cut"):
        return True
    return user.has_perm("review.review_cut") and video.is_on_camera(user)


def may_send_back(user: User | AnonymousUser, video: Video) -> bool:
    """Whether the user may request changes, and so may comment."""
    return user.has_perm("review.send_back_any_cut") or may_approve(user, video)


def may_remove(user: User | AnonymousUser, comment: Comment) -> bool:
    """Users may remove their own comments until somebody gave a verdict on the cut."""
    return is_theirs(user, comment) and not comment.cut.verdicts.exists()


def may_mark(user: User | AnonymousUser, comment: Comment) -> bool:
    """Reviewers may mark any comment as done or open; others only their own."""
    return comment.by_id == user.pk or may_send_back(user, comment.cut.video)


def is_theirs(user: User | AnonymousUser, comment: Comment) -> bool:
    """Whether the comment is the user's own, or they may remove any comment."""
    return comment.by_id == user.pk or user.has_perm("review.delete_comment")


def cuts_awaiting_review() -> QuerySet[Cut]:
    """The newest ready cut of each video in review, and unreviewed ones of public videos."""
    newest = (
        Cut.objects.filter(video=OuterRef("video"), state=Cut.State.READY)
        .order_by("-number")
        .values("pk")[:1]
    )
    untouched = ~Exists(Verdict.objects.filter(cut=OuterRef("pk")))
    return Cut.objects.filter(
        Q(video__stage=Stage.REVIEW) | Q(untouched, video__stage__in=PUBLIC),
        pk=Subquery(newest),
    )


def waiting_for(user: User | AnonymousUser) -> QuerySet[Cut]:
    """The cuts that the user may approve and nobody has yet, the oldest first."""
    cuts = (
        cuts_awaiting_review()
        .exclude(uploaded_by=user.pk)
        .select_related("video", "uploaded_by", "current_set__cut")
        .order_by("uploaded_at", "pk")
    )
    if user.has_perm("review.review_any_cut"):
        return cuts
    if user.has_perm("review.review_cut"):
        return cuts.filter(
            Exists(
                Video.experts.through.objects.filter(video=OuterRef("video"), expert__user=user.pk)
            )
        )
    return cuts.none()


def reviewers_of(cut: Cut) -> QuerySet[User]:
    """The experts on camera and the sales managers, without the uploader."""
    on_camera = users_with_permission("review_cut").filter(expert__videos=cut.video_id)
    people = User.objects.filter(
        Q(pk__in=on_camera) | Q(pk__in=users_with_permission("review_any_cut"))
    )
    return people.exclude(pk=cut.uploaded_by_id)


def users_with_permission(codename: str) -> QuerySet[User]:
    """Active users with a permission of this app, by group or their own."""
    is_it = {"codename": codename, "content_type__app_label": "review"}
    return User.objects.filter(
        Q(**{f"groups__permissions__{key}": value for key, value in is_it.items()})
        | Q(**{f"user_permissions__{key}": value for key, value in is_it.items()}),
        is_active=True,
    ).distinct()
