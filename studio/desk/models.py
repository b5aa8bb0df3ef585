"""Sent digests and dismissed checklists."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Digest(models.Model):
    """A digest sent to a rep: at most one a day."""

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rep", "day"], name="desk_digest_once")]

    def __str__(self) -> str:
        return f"{self.rep} {self.day}"


class DismissedChecklist(models.Model):
    """An administrator who dismissed the checklist."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(_("dismissed"), auto_now_add=True)

    class Meta:
        verbose_name = _("dismissed checklist")
        verbose_name_plural = _("dismissed checklists")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)
