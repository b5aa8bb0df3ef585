"""Who has a say on a cut: managers on any, experts where they are on camera."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from studio.people.models import User
from videos.media.models import Cut
from videos.planning.models import Stage, Video
from videos.review.approvals import PUBLIC
from videos.review.models import Comment, Verdict


def may_watch(user: User | AnonymousUser) -> bool:
    """Whether the review is open to the user at all: they watch and read, but no more."""
    return user.has_perm("review.view_verdict")


def may_approve(user: User | AnonymousUser, video: Video) -> bool:
    """Whether the user's approval counts for this video."""
    if user.has_perm("review.review_any_cut"):
        return True
    return user.has_perm("review.review_cut") and video.is_on_camera(user)


def may_send_back(user: User | AnonymousUser, video: Video) -> bool:
    """Whether the user may ask for changes, and so may comment too."""
    return user.has_perm("review.send_back_any_cut") or may_approve(user, video)


def may_remove(user: User | AnonymousUser, comment: Comment) -> bool:
    """Everyone may take back their own words, until somebody gave a verdict on them."""
    return is_theirs(user, comment) and not comment.cut.verdicts.exists()


def is_theirs(user: User | AnonymousUser, comment: Comment) -> bool:
    """Whether the words are the user's own, or they may remove anyone's."""
    return comment.by_id == user.pk or user.has_perm("review.delete_comment")


def cuts_in_question() -> QuerySet[Cut]:
    """The newest ready cut of every video in review, and of public ones without a word on it."""
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
    """The cuts that the user may approve and nobody has yet, the longest waiting first."""
    cuts = (
        cuts_in_question()
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
    """Who is asked for a word: the experts on camera and the sales managers, less the uploader."""
    on_camera = holders("review_cut").filter(expert__videos=cut.video_id)
    people = User.objects.filter(Q(pk__in=on_camera) | Q(pk__in=holders("review_any_cut")))
    return people.exclude(pk=cut.uploaded_by_id)


def holders(codename: str) -> QuerySet[User]:
    """The active users whom a group or their own permission allows `codename` in this room."""
    is_it = {"codename": codename, "content_type__app_label": "review"}
    return User.objects.filter(
        Q(**{f"groups__permissions__{key}": value for key, value in is_it.items()})
        | Q(**{f"user_permissions__{key}": value for key, value in is_it.items()}),
        is_active=True,
    ).distinct()
