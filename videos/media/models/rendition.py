"""Rendition sets: everything that is made of a source for playback."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField
from videos.media.models.cut import Cut


class RenditionSetQuerySet(models.QuerySet["RenditionSet"]):
    """A queryset of rendition sets."""

    def on_show(self) -> "RenditionSetQuerySet":
        """The sets that public pages play: public, and in a codec that every browser plays."""
        return self.filter(is_public=True).exclude(kind=RenditionSet.Kind.AV1)


class RenditionSet(models.Model):
    """A complete set of renditions in a folder of its own, whose files never change.

    Paths are relative to the folder. Publishing makes a set public, so that anyone may play it. A
    replaced set is deleted later, so that people who are watching it can finish.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("small version")
        FULL = "full", _("full")
        AV1 = "av1", _("AV1")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cut = models.ForeignKey(Cut, models.CASCADE, related_name="sets", editable=False)
    kind = models.CharField(
        _("kind"), max_length=5, choices=Kind, default=Kind.FULL, editable=False
    )
    is_public = models.BooleanField(_("public"), default=False, editable=False)
    master = models.CharField(max_length=255, editable=False)
    poster = models.CharField(max_length=255, editable=False)
    storyboard = models.CharField(max_length=255, editable=False)
    preview = models.CharField(max_length=255, blank=True, editable=False)
    download = models.CharField(max_length=255, blank=True, editable=False)
    audio_track = models.PositiveSmallIntegerField(
        _("audio track"),
        db_column="sound_track",
        null=True,
        editable=False,
        help_text=_("The number of the source track it plays. Empty for the default track."),
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    seconds = ExactDecimalField(editable=False)
    bytes = models.PositiveBigIntegerField(default=0, editable=False)
    ends_well = models.BooleanField(
        null=True,
        editable=False,
        help_text=_("Whether players detect the end of picture and sound. Empty: not checked yet."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, editable=False)
    public_until = models.DateTimeField(
        _("public until"),
        null=True,
        editable=False,
        help_text=_("Anyone who is watching may go on until then."),
    )

    objects = RenditionSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendition set")
        verbose_name_plural = _("rendition sets")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def folder(self) -> str:
        """The folder in the footage storage."""
        return f"sets/{self.key}"

    def url(self, path: str) -> str:
        """The URL of a file of the set: on the CDN if there is one and the set is public.

        It carries no token; `delivery/urls_for.py` builds URLs with one.
        """
        own = reverse("media_file", kwargs={"key": self.key, "path": path})
        return f"{settings.CDN_URL}{own}" if self.is_public else own

    @property
    def master_url(self) -> str:
        return self.url(self.master)

    @property
    def shown_poster(self) -> str:
        """The path of the poster that a person chose for the cut, else of the automatic one."""
        return self.cut.poster.name or self.poster

    @property
    def poster_url(self) -> str:
        return self.url(self.shown_poster)

    @property
    def storyboard_url(self) -> str:
        return self.url(self.storyboard)


class Rendition(models.Model):
    """One variant of a rendition set's master playlist."""

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
