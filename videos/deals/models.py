"""Deals, the contacts taking part in them, and rates of exchange."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField, PublicIdField
from videos.audience.models import Company, Contact


class Deal(models.Model):
    """A sale in the making, or made, or lost: mirrored from the CRM or entered by hand.

    The amount keeps every digit it came with. `status` and `closed_at` are written by
    `closing.py` and the import alone.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=255)
    company = models.ForeignKey(
        Company,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("company"),
    )
    owner_email = models.CharField(
        _("owner"),
        max_length=255,
        blank=True,
        help_text=_("The e-mail address of the rep whose deal it is."),
    )
    status = models.CharField(
        _("status"), max_length=4, choices=Status, default=Status.OPEN, editable=False
    )
    stage = models.CharField(
        _("sales stage"), max_length=255, blank=True, help_text=_("Say, “proposal sent”.")
    )
    amount = ExactDecimalField(
        _("amount"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, help_text=_("Three letters, such as “EUR”.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    closed_at = models.DateTimeField(
        _("closed"), null=True, blank=True, editable=False, db_index=True
    )
    imported = models.BooleanField(_("imported"), default=False, editable=False)

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-created_at", "pk"]
        permissions = [
            ("close_deal", _("Can mark deals won or lost")),
            ("view_every_deal", _("Can see everyone's deals, not own ones alone")),
            ("view_influence", _("Can see which deals videos influenced")),
            ("view_every_influence", _("Can see the influence on everyone's deals")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status__in=["won", "lost"], closed_at__gte=F("created_at")),
                name="deals_closed_after_created",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | ~Q(currency=""),
                name="deals_amount_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DealContact(models.Model):
    """A contact's part in a deal. Somebody with two roles has two of these, and touches once."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="deal_contacts", verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="deal_contacts", verbose_name=_("contact")
    )
    role = models.CharField(
        _("role"), max_length=255, blank=True, help_text=_("Say, “decides” or “signs”.")
    )

    class Meta:
        verbose_name = _("contact of a deal")
        verbose_name_plural = _("contacts of deals")
        ordering = ["contact__name", "contact__email", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "contact", "role"],
                name="deals_contact_role_once",
                violation_error_message=_("This contact has this role in the deal already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.role})" if self.role else str(self.contact)


class Rate(models.Model):
    """On a day, one of `from_currency` was `rate` of `to_currency`."""

    day = models.DateField(_("day"))
    from_currency = models.CharField(_("from"), max_length=3)
    to_currency = models.CharField(_("to"), max_length=3)
    rate = ExactDecimalField(_("rate"))

    class Meta:
        verbose_name = _("rate of exchange")
        verbose_name_plural = _("rates of exchange")
        ordering = ["-day", "from_currency", "to_currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "from_currency", "to_currency"], name="deals_rate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: 1 {self.from_currency} = {self.rate:f} {self.to_currency}"
