"""Submitted forms and where they led."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _


class SentForm(models.Model):
    """A form that was submitted successfully: its key and the URL it redirected to."""

    key = models.CharField(_("key"), max_length=40, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(_("address"), max_length=500)
    result = models.CharField(_("led to"), max_length=2000, blank=True)
    sent_at = models.DateTimeField(_("sent"), default=now, db_index=True)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        default_permissions = ()

    def __str__(self) -> str:
        return self.path
