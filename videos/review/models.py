"""What reviewers say of a cut."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from videos.media.models import Cut


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

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        ordering = ["-at", "-pk"]
        permissions = [("review_cut", _("Can approve cuts and ask for changes"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="changes") | ~Q(note=""), name="review_changes_have_a_note"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.cut}"
