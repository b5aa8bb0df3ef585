"""The outbox: every mail that the studio sends, one row per recipient."""

import datetime as dt

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails by their state."""

    def waiting(self) -> "MailQuerySet":
        """Mails still to be delivered."""
        return self.filter(state=Mail.State.WAITING)

    def due(self, at: dt.datetime) -> "MailQuerySet":
        """Mails to try now, oldest first."""
        return self.waiting().filter(next_at__lte=at).order_by("pk")

    def undelivered(self) -> "MailQuerySet":
        """Mails that were refused or given up."""
        return self.filter(state__in=[Mail.State.REFUSED, Mail.State.GIVEN_UP])


class Mail(models.Model):
    """One mail to one recipient. Its outcome is kept for a few weeks.

    `content` is the whole message as sent. It is emptied once the mail is delivered or given up, as
    it may hold links that sign people in.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")
        GIVEN_UP = "given_up", _("Given up")

    sender = models.CharField(pgettext_lazy("mail", "from"), max_length=320)
    recipient = models.CharField(pgettext_lazy("mail", "to"), max_length=320)
    subject = models.CharField(_("subject"), max_length=500)
    content = models.BinaryField(_("message"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(_("what the mail server said"), blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"), default=now)
    next_at = models.DateTimeField(_("next attempt"), default=now)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["state", "next_at"], name="mail_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="waiting", ended_at__isnull=True)
                | (~models.Q(state="waiting") & models.Q(ended_at__isnull=False)),
                name="mail_ended_on_record",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.subject}"
