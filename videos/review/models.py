"""What reviewers say of a cut."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField
from videos.media.models import Cut
from videos.media.timecodes import time_code


class Verdict(models.Model):
    """A reviewer's word on a cut, for the source with this checksum and no other."""

    class Kind(models.TextChoices):
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Changes asked for")

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
    told_at = models.DateTimeField(_("producer told"), null=True, editable=False)

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


class Comment(models.Model):
    """What someone noticed in a cut, at a moment of it or about all of it."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="comments", editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        editable=False,
    )
    seconds = ExactDecimalField(
        _("seconds from the start"), null=True, blank=True, help_text=_("Empty: the whole cut.")
    )
    text = models.TextField(_("comment"))
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="review_comment_says_something",
                violation_error_message=_("Write what you noticed."),
            )
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"

    @property
    def time_code(self) -> str:
        """The moment as people write it; empty for the whole cut."""
        return "" if self.seconds is None else time_code(self.seconds)


class Asked(models.Model):
    """A reviewer was asked by mail for their word on a cut; once is enough."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="asked", editable=False)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("reviewer")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("request for a word")
        verbose_name_plural = _("requests for a word")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cut", "reviewer"], name="review_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.cut}"
