"""Jobs on cuts, and the chunks of long transcodes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from videos.media.models.cut import Cut


class Job(models.Model):
    """A background job on a cut: its state, lease, progress and outcome.

    `token` identifies the worker that holds the lease.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", pgettext_lazy("cut", "Cancelled")

    class Kind(models.TextChoices):
        FULL = "full", _("Renditions")
        AV1 = "av1", _("AV1 renditions")
        CAPTIONS = "captions", _("Automatic captions")
        EMBEDDED_CAPTIONS = "texts", _("Captions from the source")
        END_REPAIR = "ends", _("Repair of the last segment")

    class Priority(models.IntegerChoices):
        LATER = -1, _("Later")
        USUAL = 0, _("In turn")
        NEXT = 1, pgettext_lazy("priority", "Next")

    # Waiting or running. There is at most one such job of each kind for a cut.
    OPEN = (State.QUEUED, State.RUNNING)
    # Finished, with or without success. Cancelled jobs notify nobody.
    ENDED = (State.READY, State.FAILED)

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="jobs", editable=False)
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.FULL, editable=False
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.QUEUED, db_index=True
    )
    priority = models.SmallIntegerField(
        _("priority"), choices=Priority, default=Priority.USUAL, editable=False
    )
    reserved_bytes = models.PositiveBigIntegerField(
        _("space reserved, in bytes"), default=0, editable=False
    )
    worker = models.CharField(_("worker"), max_length=120, blank=True, editable=False)
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    deferrals = models.PositiveSmallIntegerField(
        _("deferrals"),
        db_column="waits",
        default=0,
        editable=False,
        help_text=_("How often it was postponed for a problem outside the job itself."),
    )
    not_before = models.DateTimeField(_("not before"), null=True, editable=False)
    progress = models.FloatField(
        _("progress"), default=0, help_text=_("From 0 to 1. It never decreases.")
    )
    progress_before = models.FloatField(
        _("progress before"),
        default=0,
        db_default=0,  # for the previous release, which runs on during a deployment
        editable=False,
        help_text=_("The progress at the time when the work was restarted."),
    )
    speed = models.FloatField(_("speed"), null=True, help_text=_("As a multiple of real time."))
    reason = models.TextField(_("reason"), blank=True)
    failure = models.CharField(
        _("kind of failure"), max_length=20, blank=True, editable=False, help_text=_("For metrics.")
    )
    queued_at = models.DateTimeField(_("queued"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent to the queue"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    notified_at = models.DateTimeField(
        _("notified"),
        db_column="told_at",
        null=True,
        editable=False,
        help_text=_("When people were notified of the outcome."),
    )

    class Meta:
        verbose_name = _("transcode job")
        verbose_name_plural = _("transcode jobs")
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "kind"],
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

    @property
    def percent(self) -> int:
        """The progress, from 0 to 100."""
        return int(self.progress * 100)

    @property
    def took(self) -> float | None:
        """The seconds from the last start to the end; None if it has not ended."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


class TranscodeChunk(models.Model):
    """A range of frames of a long source that any worker may encode.

    The worker that holds the job joins the chunks. Frames are counted at the constant frame rate
    of the renditions.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks", editable=False)
    number = models.PositiveIntegerField(_("number"))
    first_frame = models.PositiveBigIntegerField(_("first frame"))
    frames = models.PositiveBigIntegerField(_("frames"))
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.QUEUED, db_index=True
    )
    token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    progress = models.FloatField(_("progress"), default=0)
    speed = models.FloatField(_("speed"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    sent_at = models.DateTimeField(_("sent to the queue"), null=True)

    class Meta:
        db_table = "media_piece"
        verbose_name = _("transcode chunk")
        verbose_name_plural = _("transcode chunks")
        ordering = ["job", "number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="media_piece_number"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(token__isnull=False, lease_until__isnull=False),
                name="media_running_piece_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number} ({self.state})"
