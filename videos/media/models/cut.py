"""Cuts, and the paths of their sources and posters."""

import uuid

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.fields import ExactDecimalField
from videos.planning.models import Video


def footage() -> Storage:
    """The storage of sources, posters and rendition sets."""
    return storages["footage"]


def source_path(cut: "Cut", name: str) -> str:
    """The path of a source. It never contains the name of the uploaded file."""
    return f"sources/{cut.key}"


def poster_path(cut: "Cut", name: str) -> str:
    """A new path for a chosen poster. Browsers may cache a poster under its path for long."""
    return f"posters/{uuid.uuid4()}.jpg"


class CutManager(models.Manager["Cut"]):
    """Cuts that were not removed. `Cut.everything` includes removed ones."""

    def get_queryset(self) -> models.QuerySet["Cut"]:
        return super().get_queryset().filter(removed_at=None)

    def numbered(self) -> models.QuerySet["Cut"]:
        """Cuts that are shown with a number; see `Cut.goes_by_number`."""
        return self.filter(number__isnull=False).exclude(state=Cut.State.REFUSED)


class Cut(models.Model):
    """One uploaded version of a video. Its source never changes.

    It gets a number when the file has been probed and accepted; see `jobs/cut_numbers.py`. The row
    of a removed cut is kept, so that its number is never used again and its jobs still count; see
    `uploads/removal.py`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being made ready")
        READY = "ready", _("Ready to watch")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", pgettext_lazy("cut", "Cancelled")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    video = models.ForeignKey(
        Video, models.PROTECT, related_name="cuts", verbose_name=_("video"), editable=False
    )
    number = models.PositiveIntegerField(
        pgettext_lazy("cut", "version"),
        null=True,
        editable=False,
        help_text=_("Empty until the file is checked, and for refused files."),
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State, default=State.WAITING, editable=False
    )
    reason = models.TextField(_("reason"), blank=True, editable=False)
    source = models.FileField(
        _("source"), storage=footage, upload_to=source_path, max_length=255, editable=False
    )
    source_name = models.CharField(_("file name"), max_length=255, editable=False)
    source_bytes = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("checksum (SHA-256)"), max_length=64, editable=False)
    source_info = models.JSONField(
        _("source information"), db_column="facts", default=dict, editable=False
    )
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
    second_set = models.ForeignKey(
        "RenditionSet",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("AV1 renditions"),
    )
    audio_track = models.PositiveSmallIntegerField(
        _("audio track"),
        db_column="sound_track",
        null=True,
        editable=False,
        help_text=_("The number of the track in the source. Empty for the default track."),
    )
    poster = models.FileField(
        _("poster"),
        storage=footage,
        upload_to=poster_path,
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("Chosen by a person. Replaces the automatic poster."),
    )
    public_poster = models.CharField(
        _("public poster"),
        max_length=255,
        blank=True,
        default="",
        editable=False,
        help_text=_("The chosen poster as last published. Empty for the automatic poster."),
    )
    poster_seconds = ExactDecimalField(
        _("poster time"), null=True, editable=False, help_text=_("In seconds from the start.")
    )
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)

    picture: str  # set by `list_pictures.with_pictures`

    objects = CutManager()
    everything = models.Manager["Cut"]()

    class Meta:
        verbose_name = _("cut")
        verbose_name_plural = _("cuts")
        ordering = ["video", F("number").desc(nulls_last=True), "-pk"]
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
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(number__isnull=False),
                name="media_ready_cut_has_a_number",
            ),
        ]

    def __str__(self) -> str:
        return _("%(title)s, %(cut)s") % {"title": self.video.title, "cut": self.called}

    @property
    def goes_by_number(self) -> bool:
        """Whether it is shown with a number. Some refused files of earlier versions have one."""
        return self.number is not None and self.state != self.State.REFUSED

    @property
    def title(self) -> str:
        """The name at the start of a sentence: “Cut 3”, or the file name if it has no number."""
        if not self.goes_by_number:
            return _("“%(file)s”") % {"file": self.source_name}
        return _("Cut %(number)d") % {"number": self.number}

    @property
    def called(self) -> str:
        """The name within a sentence: “cut 3”, or the file name if it has no number."""
        if not self.goes_by_number:
            return self.title
        return _("cut %(number)d") % {"number": self.number}
