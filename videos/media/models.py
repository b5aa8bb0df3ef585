"""Cuts with their sources, transcode jobs, sets of renditions and captions."""

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField
from videos.planning.models import Video


def footage() -> Storage:
    """Where sources and sets of renditions lie."""
    return storages["footage"]


def source_path(cut: "Cut", name: str) -> str:
    """A place for a source that owes nothing to the name it came with."""
    return f"sources/{cut.key}"


class Cut(models.Model):
    """One uploaded version of a video. Its source is never changed after the upload."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being made ready")
        READY = "ready", _("Ready to watch")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="cuts", verbose_name=_("video"), editable=False
    )
    number = models.PositiveIntegerField(_("version"), editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.WAITING, editable=False
    )
    reason = models.TextField(_("reason"), blank=True, editable=False)
    source = models.FileField(
        _("source"), storage=footage, upload_to=source_path, max_length=255, editable=False
    )
    source_name = models.CharField(_("file name"), max_length=255, editable=False)
    source_bytes = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    facts = models.JSONField(_("what is in the source"), default=dict, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
        editable=False,
    )
    uploaded_at = models.DateTimeField(_("uploaded"), editable=False)
    current_set = models.ForeignKey(
        "RenditionSet",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("current renditions"),
    )

    class Meta:
        verbose_name = _("cut")
        verbose_name_plural = _("cuts")
        ordering = ["video", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["video", "number"], name="media_cut_number"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(current_set__isnull=False),
                name="media_ready_cut_has_a_set",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "refused"]) | ~Q(reason=""),
                name="media_failed_cut_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return _("%(title)s, cut %(number)d") % {
            "title": self.video.title,
            "number": self.number,
        }


class RenditionSet(models.Model):
    """A complete, consistent set of renditions in a folder of its own, never written again.

    Paths are relative to the folder. Anyone may play a public set; publishing marks it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cut = models.ForeignKey(Cut, models.CASCADE, related_name="sets", editable=False)
    is_public = models.BooleanField(_("public"), default=False, editable=False)
    master = models.CharField(max_length=255, editable=False)
    poster = models.CharField(max_length=255, editable=False)
    storyboard = models.CharField(max_length=255, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    seconds = ExactDecimalField(editable=False)
    bytes = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("set of renditions")
        verbose_name_plural = _("sets of renditions")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def folder(self) -> str:
        """Where the set lies in the footage storage."""
        return f"sets/{self.key}"

    def url(self, path: str) -> str:
        """The address of one file of the set, through the media view."""
        return reverse("media_file", kwargs={"key": self.key, "path": path})

    @property
    def master_url(self) -> str:
        return self.url(self.master)

    @property
    def poster_url(self) -> str:
        return self.url(self.poster)

    @property
    def storyboard_url(self) -> str:
        return self.url(self.storyboard)


class Rendition(models.Model):
    """One encoded stream of a cut: a variant of its set's master playlist."""

    set = models.ForeignKey(RenditionSet, models.CASCADE, related_name="renditions")
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    bitrate = models.PositiveIntegerField(_("bits per second"))
    codecs = models.CharField(_("codecs"), max_length=100)
    path = models.CharField(_("playlist"), max_length=255)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        ordering = ["-height", "-bitrate"]

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"


class Job(models.Model):
    """The transcode of a cut: who works on it, until when they hold it, and how far they are.

    Written by `tasks.py` alone. `token` names the worker that holds the lease.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="jobs", editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.QUEUED, db_index=True
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    progress = models.FloatField(_("progress"), default=0, help_text=_("From 0 to 1."))
    speed = models.FloatField(
        _("speed"), null=True, help_text=_("As a multiple of the video's own.")
    )
    reason = models.TextField(_("reason"), blank=True)
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent to the queue"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("transcode job")
        verbose_name_plural = _("transcode jobs")
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut"],
                condition=Q(state__in=["queued", "running"]),
                name="media_one_open_job_a_cut",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="media_job_progress"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="media_running_job_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True)
                | Q(started_at__isnull=True)
                | Q(ended_at__gte=F("started_at")),
                name="media_job_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"


class Caption(models.Model):
    """What is said in a cut, as WebVTT in one language."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="captions", editable=False)
    language = models.CharField(
        _("language"), max_length=15, default="en", help_text=_("A BCP 47 tag such as “en”.")
    )
    label = models.CharField(_("label"), max_length=60, default="English")
    webvtt = models.TextField(_("WebVTT"))

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["cut", "language"]
        constraints = [
            models.UniqueConstraint(fields=["cut", "language"], name="media_caption_language")
        ]

    def __str__(self) -> str:
        return self.label
