"""Marking comments as done or open. Who did, and when, is logged."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from studio.people.models import User
from videos.media.models import Cut
from videos.review.approvals import is_newer
from videos.review.log_actions import COMMENT_DONE, COMMENT_REOPENED
from videos.review.models import Comment


def mark_done(comment: Comment, *, by: User) -> bool:
    """Mark an open comment as done. Returns whether it was open."""
    return mark(comment, Q(done_at=None), COMMENT_DONE, by, done_at=timezone.now(), done_by=by)


def reopen(comment: Comment, *, by: User) -> bool:
    """Reopen a comment that was done. Returns whether it was done."""
    return mark(comment, Q(done_at__isnull=False), COMMENT_REOPENED, by, done_at=None, done_by=None)


def mark(comment: Comment, expected: Q, action: str, by: User, **fields: object) -> bool:
    """Update a comment that is as expected, and log it on its video."""
    with transaction.atomic():
        changed = Comment.objects.filter(expected, pk=comment.pk).update(**fields)
        if changed:
            data = {"cut": comment.cut.number, "text": str(comment)}
            log(comment.cut.video, action, user=by, data=data)
    return bool(changed)


def open_before(cut: Cut) -> int:
    """The number of open comments on older cuts of the same video."""
    return sum(
        is_newer(cut, comment.cut)
        for comment in Comment.objects.open()
        .filter(cut__video=cut.video_id)
        .exclude(cut=cut)
        .select_related("cut")
    )
