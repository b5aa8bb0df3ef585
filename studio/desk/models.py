"""What the desk sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Digest(models.Model):
    """The digest of one morning for one rep: at most one a day."""

    rep = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rep", "day"], name="desk_digest_once")]

    def __str__(self) -> str:
        return f"{self.rep} {self.day}"
