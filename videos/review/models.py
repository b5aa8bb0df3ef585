"""What reviewers say about cuts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.fields import ExactDecimalField
from videos.media.models import Cut
from videos.media.timecodes import time_code


class Verdict(models.Model):
    """A reviewer's decision on a cut. It applies to the source with this checksum only."""

    class Kind(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("verdict", "Approved")
        CHANGES = "changes", _("Changes requested")

    cut = models.ForeignKey(Cut, models.PROTECT, related_name="verdicts", editable=False)
    kind = models.CharField(_("verdict"), max_length=8, choices=Kind, editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    note = models.TextField(_("what to change"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        editable=False,
    )
    at = models.DateTimeField(_("at"), editable=False)
    notified_at = models.DateTimeField(
        _("producer notified"), null=True, editable=False, db_column="told_at"
    )

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        ordering = ["-at", "-pk"]
        permissions = [
            ("review_cut", _("Can approve cuts of videos they are on camera in")),
            ("review_any_cut", _("Can approve any cut")),
            ("send_back_any_cut", _("Can ask for changes to any cut")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="changes") | ~Q(note=""), name="review_changes_have_a_note"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.cut}"


class CommentQuerySet(models.QuerySet["Comment"]):
    """Comments by their state."""

    def open(self) -> "CommentQuerySet":
        """Comments that are not marked as done."""
        return self.filter(done_at=None)


class Comment(models.Model):
    """A comment on a moment of a cut, or on all of it.

    It is open until somebody marks it as done; who did, and when, is stored.
    """

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="comments", editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        editable=False,
    )
    seconds = ExactDecimalField(
        _("seconds from the start"),
        null=True,
        blank=True,
        help_text=_("Leave empty for the whole cut."),
    )
    text = models.TextField(_("comment"))
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("done by"),
        editable=False,
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="review_comment_says_something",
                violation_error_message=_("Write what you noticed."),
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="review_comment_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"

    @property
    def time_code(self) -> str:
        """The moment as a time code; empty for the whole cut."""
        return "" if self.seconds is None else time_code(self.seconds)


class Playback(models.Model):
    """The ranges of a cut that a reviewer played, as reported by their browser."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="+", editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False
    )
    ranges = models.JSONField(_("ranges of seconds"), default=list, editable=False)

    class Meta:
        verbose_name = _("playback in the review")
        verbose_name_plural = _("playbacks in the review")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["cut", "by"], name="review_one_playback_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.cut}"


class ReviewRequest(models.Model):
    """A mail that asked a reviewer to review a cut; nobody is asked twice.

    The table has the name of the first release, which goes on working during a deployment.
    """

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="review_requests", editable=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("reviewer")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("review request")
        verbose_name_plural = _("review requests")
        ordering = ["at", "pk"]
        db_table = "review_asked"
        constraints = [
            models.UniqueConstraint(fields=["cut", "reviewer"], name="review_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.cut}"
