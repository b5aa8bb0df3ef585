"""Uploads of sources."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from videos.media.models.cut import Cut
from videos.planning.models import Video


class Upload(models.Model):
    """An upload of a source: its state, the bytes received so far, and the cut it became.

    Space for the file and for its transcode is reserved while the upload is open.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Uploading")
        CHECKING = "checking", _("Being checked")
        DUPLICATE = "twin", _("Already uploaded")
        STORED = "stored", _("Stored")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", pgettext_lazy("cut", "Cancelled")
        EXPIRED = "expired", _("Expired")

    class Backend(models.TextChoices):
        DISK = "disk", _("disk")
        S3 = "s3", _("S3")

    # Not finished: space is reserved for these
    OPEN = (State.RECEIVING, State.CHECKING, State.DUPLICATE)
    # Can still be cancelled
    CANCELLABLE = (State.RECEIVING, State.DUPLICATE)

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="uploads", verbose_name=_("video"), editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
        editable=False,
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.RECEIVING, db_index=True
    )
    reason = models.TextField(_("reason"), blank=True)
    name = models.CharField(_("file name"), max_length=255, editable=False)
    bytes = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=200,
        blank=True,
        help_text=_("Identifies the file, so that a browser can resume its upload."),
    )
    backend = models.CharField(
        _("backend"), db_column="place", max_length=4, choices=Backend, editable=False
    )
    path = models.CharField(_("path"), max_length=255, editable=False)
    multipart_id = models.TextField(blank=True, editable=False)
    received = models.PositiveBigIntegerField(_("bytes received"), default=0)
    reserved_bytes = models.PositiveBigIntegerField(_("space reserved, in bytes"), default=0)
    client_sha256 = models.CharField(
        _("checksum from the browser"), db_column="told_sha256", max_length=64, blank=True
    )
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, blank=True)
    duplicate_of = models.ForeignKey(
        Cut,
        models.SET_NULL,
        db_column="twin_id",
        null=True,
        related_name="+",
        verbose_name=_("duplicate of"),
    )
    cut = models.OneToOneField(
        Cut, models.SET_NULL, null=True, related_name="upload", verbose_name=_("cut")
    )
    attempts = models.PositiveSmallIntegerField(
        _("verification attempts"), default=0, editable=False
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    last_activity_at = models.DateTimeField(_("last activity"), db_column="moved_at")
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-started_at", "-pk"]
        permissions = [("end_any_upload", "Can end anybody's upload")]
        constraints = [
            models.CheckConstraint(
                condition=Q(received__lte=F("bytes")), name="media_upload_not_over_its_size"
            ),
            models.CheckConstraint(
                condition=~Q(state="stored") | ~Q(sha256=""), name="media_stored_has_a_checksum"
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="media_refused_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"
