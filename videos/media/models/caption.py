"""Captions of cuts: the working copies, and the published ones."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studio.single_line import SingleLines
from videos.media.models.cut import Cut
from videos.media.transcoding.webvtt import transcript_of


class CaptionQuerySet(models.QuerySet["Caption"]):
    """A queryset of captions."""

    def with_words(self) -> "CaptionQuerySet":
        """Captions with at least one cue. New ones are empty."""
        return self.filter(cues__gt=0)

    def without_texts(self) -> "CaptionQuerySet":
        """Defers the texts, which can be several megabytes long. For lists."""
        return self.defer("webvtt", "paragraphs")


class Captions(SingleLines):
    """Captions in one language: the WebVTT, and the transcript made from it."""

    language = models.CharField(
        _("language"), max_length=15, default="en", help_text=_("A BCP 47 tag such as “en”.")
    )
    label = models.CharField(_("label"), max_length=60, default="English")
    webvtt = models.TextField(_("WebVTT"))
    paragraphs = models.JSONField(
        _("transcript"),
        default=list,
        editable=False,
        help_text=_("Made from the captions when they are saved."),
    )
    cues = models.PositiveIntegerField(_("number of captions"), default=0, editable=False)
    is_automatic = models.BooleanField(
        _("automatic"), default=False, help_text=_("Not checked by a person yet.")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def shown_label(self) -> str:
        """The label in the player's menu, which marks automatic captions."""
        if self.is_automatic:
            return _("%(language)s (automatic)") % {"language": self.label}
        return self.label


class Caption(Captions):
    """The working copy of the captions of a cut in one language."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="captions", editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
    )

    objects = CaptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("captions")
        verbose_name_plural = _("captions")
        ordering = ["cut", "language"]
        constraints = [
            models.UniqueConstraint(fields=["cut", "language"], name="media_caption_language")
        ]

    def read(self) -> None:
        """Sets `paragraphs` and `cues` from `webvtt`. For use before `bulk_create`."""
        self.paragraphs, self.cues = transcript_of(self.webvtt)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves the captions, with the transcript that pages show."""
        fields = kwargs.get("update_fields")
        if fields is None or "webvtt" in fields:
            self.read()
            if fields is not None:
                kwargs["update_fields"] = {*fields, "paragraphs", "cues"}
        super().save(*args, **kwargs)


class PublicCaption(Captions):
    """The captions of a cut as last published; see `cuts/published.py`."""

    cut = models.ForeignKey(Cut, models.CASCADE, related_name="public_captions", editable=False)
    published_at = models.DateTimeField(_("published"), editable=False)

    class Meta:
        verbose_name = _("public captions")
        verbose_name_plural = _("public captions")
        ordering = ["cut", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "language"], name="media_public_caption_language"
            )
        ]
