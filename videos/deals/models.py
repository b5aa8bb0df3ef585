"""Deals, the contacts taking part in them, and rates of exchange."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studio.fields import ExactDecimalField, PublicIdField
from studio.people.addresses import email_key
from studio.people.keys import KeyField
from studio.people.models import User
from studio.single_line import SingleLines
from videos.audience.models import Company, Contact
from videos.deals.closes import FIELDS, Standing

DECIDING = ("amount", "currency", "owner_id", "created_at")  # of a deal: each decides a number


class DealQuerySet(models.QuerySet["Deal"]):
    """Deals, by how they stand today."""

    def standing(self, *statuses: str) -> "DealQuerySet":
        """Those with one of the statuses. While a close is still to come, the deal is open."""
        now = timezone.now()
        found = Q(status__in=statuses, closed_at__lte=now)
        if Deal.Status.OPEN in statuses:
            found |= Q(closed_at=None) | Q(closed_at__gt=now)
        return self.filter(found)


class Deal(SingleLines):
    """A sale in the making, or made, or lost: mirrored from the CRM or entered by hand.

    It hangs on its owner: matched by the key of the imported address when the deal or the user is
    made, see `owners.py`. The amount keeps every digit it came with. `status`, `closed_at` and what
    is kept of the closes are written by `closing.py` and the import alone, by the rules of
    `closes.py`.
    """

    has_late_touches = False  # see `evidence.mark_late`

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
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("owner"),
        help_text=_("The rep whose deal it is."),
    )
    owner_email = models.CharField(
        _("imported owner"),
        max_length=255,
        blank=True,
        editable=False,
        help_text=_("The owner's e-mail address as the CRM names it."),
    )
    owner_email_key = KeyField(of="owner_email", key=email_key)
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
    close_recorded_at = models.DateTimeField(
        _("close recorded"),
        null=True,
        editable=False,
        help_text=_("When this studio first recorded the present close."),
    )
    first_close_recorded_at = models.DateTimeField(
        _("first close recorded"),
        null=True,
        editable=False,
        help_text=_("When this studio first recorded any close of the deal."),
    )
    times_closed = models.PositiveIntegerField(_("times closed"), default=0, editable=False)
    earlier_closed_at = models.DateTimeField(
        _("closed before"),
        null=True,
        editable=False,
        help_text=_("The close before the present one, or before the deal was opened again."),
    )
    imported = models.BooleanField(_("imported"), default=False, editable=False)
    recorded_at = models.DateTimeField(
        _("recorded"),
        null=True,
        default=timezone.now,
        editable=False,
        help_text=_("When this studio first recorded the deal."),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
        help_text=_("Who entered it by hand; nobody for an import."),
    )
    changed_at = models.DateTimeField(
        _("changed"),
        null=True,
        editable=False,
        help_text=_("When its amount, currency, owner or creation last changed in this studio."),
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
        help_text=_("Nobody for an import."),
    )

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-created_at", "pk"]
        permissions = [
            ("close_deal", _("Can mark deals won or lost")),
            ("reopen_deal", _("Can open closed deals again")),
            (
                "change_closed_deal",
                _("Can change who takes part in closed deals, and when they were created"),
            ),
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
                violation_error_message=_("Say in which currency the amount is."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.owner is None and self.owner_email:
            self.owner = User.objects.known_as(self.owner_email).first()
        super().save(*args, **kwargs)

    def notes_change(self, was: Mapping[str, Any], *, by: User | None, at: datetime) -> bool:
        """Keeps that a field that decides a number is no longer what it was; whether one is not."""
        differs = any(getattr(self, name) != was[name] for name in DECIDING)
        if differs:
            self.changed_at, self.changed_by = at, by
        return differs

    @property
    def changed_after_close(self) -> bool:
        """Whether a field that decides a number changed after the close was first recorded."""
        known_by = self.standing.known_by
        return bool(known_by and self.changed_at and self.changed_at > known_by)

    @property
    def standing(self) -> Standing:
        """How the deal stands, and what is kept of its closes."""
        return Standing(**{name: getattr(self, name) for name in FIELDS})

    @property
    def closes_later(self) -> bool:
        """Whether it is marked won or lost as of an instant that is still to come."""
        return self.standing.closes_after(timezone.now())

    @property
    def is_open(self) -> bool:
        """Whether it did not close yet; see `DealQuerySet.standing`."""
        return self.status == self.Status.OPEN or self.closes_later

    @property
    def owner_shown(self) -> str:
        """Whose deal it is, in words: the owner, or the address that is nobody's here."""
        return str(self.owner) if self.owner else self.owner_email


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
    added_at = models.DateTimeField(
        _("added"),
        null=True,
        default=timezone.now,
        editable=False,
        help_text=_("When this studio first recorded that the contact takes part."),
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
                fields=["day", "from_currency", "to_currency"],
                name="deals_rate_once",
                violation_error_message=_(
                    "There is a rate of this pair for this day already: change that one."
                ),
            )
        ]

    def __str__(self) -> str:
        rate = f"{self.rate:f}" if self.rate.is_finite() else _("out of bounds")
        return f"{self.day}: 1 {self.from_currency} = {rate} {self.to_currency}"
