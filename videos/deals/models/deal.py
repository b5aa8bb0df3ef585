"""Deals, the contacts taking part in them, and what people corrected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.collation.functions import SortKey
from studio.fields import ExactDecimalField, PublicIdField
from studio.people.addresses import email_key
from studio.people.keys import KeyField
from studio.people.models import User
from studio.single_line import SingleLines
from videos.audience.models import Company, Contact
from videos.deals.closes import FIELDS, CloseState

FIELDS_IN_REPORTS = (
    "amount",
    "currency",
    "owner_id",
    "created_at",
)  # changing one of these changes figures of reports


class DealQuerySet(models.QuerySet["Deal"]):
    """Deals by status."""

    def with_status(self, *statuses: str) -> "DealQuerySet":
        """Deals with one of the statuses today; a deal that closes in the future is still open."""
        now = timezone.now()
        found = Q(status__in=statuses, closed_at__lte=now)
        if Deal.Status.OPEN in statuses:
            found |= Q(closed_at=None) | Q(closed_at__gt=now)
        return self.filter(found)


class Deal(SingleLines):
    """A deal: imported from the CRM or entered by hand.

    Its owner is matched by the key of the imported e-mail address when the deal or the user is
    created, see `imports/owners.py`. The amount keeps every imported digit. `status`, `closed_at`
    and the other fields of `CloseState` are written only by `deal_status.py` and the import, by the
    rules of `closes.py`.
    """

    has_late_touches = False  # set by `evidence.mark_late`

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
        verbose_name=pgettext_lazy("deal", "owner"),
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
        _("sales stage"), max_length=255, blank=True, help_text=_("For example “proposal sent”.")
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
        help_text=_("When this studio first recorded the current close."),
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
        help_text=_("The previous close: before the current one, or before the deal was reopened."),
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
        help_text=_("Who entered the deal by hand; empty for imported deals."),
    )
    changed_at = models.DateTimeField(
        _("changed"),
        null=True,
        editable=False,
        help_text=_("When amount, currency, owner or creation date last changed in this studio."),
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
        help_text=_("Empty if an import changed it."),
    )

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-created_at", "pk"]
        permissions = [
            ("close_deal", _("Can mark deals won or lost")),
            ("reopen_deal", _("Can reopen closed deals")),
            (
                "change_closed_deal",
                _("Can change closed deals and their contacts"),
            ),
            ("view_every_deal", _("Can see everyone's deals, not only their own")),
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
                violation_error_message=_("Enter the currency of the amount."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.owner is None and self.owner_email:
            self.owner = User.objects.known_as(self.owner_email).first()
        super().save(*args, **kwargs)

    def note_change(self, was: Mapping[str, Any], *, by: User | None, at: datetime) -> bool:
        """Notes who changed a field of FIELDS_IN_REPORTS, and when; returns whether one changed."""
        differs = any(getattr(self, name) != was[name] for name in FIELDS_IN_REPORTS)
        if differs:
            self.changed_at, self.changed_by = at, by
        return differs

    @property
    def changed_after_close(self) -> bool:
        """Whether a field of FIELDS_IN_REPORTS changed after the close was first recorded."""
        known_by = self.close_state.known_by
        return bool(known_by and self.changed_at and self.changed_at > known_by)

    @property
    def close_state(self) -> CloseState:
        """The status of the deal and the record of its closes."""
        return CloseState(**{name: getattr(self, name) for name in FIELDS})

    @property
    def closes_later(self) -> bool:
        """Whether it is marked won or lost as of a future time."""
        return self.close_state.closes_after(timezone.now())

    @property
    def is_open(self) -> bool:
        """Whether it did not close yet; see `DealQuerySet.close_state`."""
        return self.status == self.Status.OPEN or self.closes_later

    @property
    def owner_name(self) -> str:
        """The owner's name, or the imported address if it belongs to no user."""
        return str(self.owner) if self.owner else self.owner_email


class DealContact(models.Model):
    """A contact of a deal in one role. A contact with two roles has two rows, but touches once."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="deal_contacts", verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="deal_contacts", verbose_name=_("contact")
    )
    role = models.CharField(
        _("role"), max_length=255, blank=True, help_text=_("For example “decides” or “signs”.")
    )
    added_at = models.DateTimeField(
        _("added"),
        null=True,
        default=timezone.now,
        editable=False,
        help_text=_("When the contact was added to the deal in this studio."),
    )
    imported = models.BooleanField(
        _("imported"),
        default=False,
        editable=False,
        help_text=_("Whether the CRM has this contact on the deal."),
    )

    class Meta:
        verbose_name = _("contact of a deal")
        verbose_name_plural = _("contacts of deals")
        ordering = [SortKey("contact__name"), SortKey("contact__email"), "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "contact", "role"],
                name="deals_contact_role_once",
                violation_error_message=_("This contact already has this role in the deal."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact} ({self.role})" if self.role else str(self.contact)


class Correction(models.Model):
    """A value of an imported row that somebody corrected here, beside the CRM's value.

    It holds until the CRM's own value changes: then the import takes that value, stores it in `crm`
    and sets `overruled_at`. The row stays until somebody corrects the value again. See
    `imports/reconcile.py`.
    """

    class What(models.TextChoices):
        NAME = "name", _("Name")
        COMPANY = "company", _("Company")
        OWNER = "owner", pgettext_lazy("deal", "Owner")
        STAGE = "stage", _("Sales stage")
        AMOUNT = "amount", _("Amount")
        CREATED = "created_at", _("Created")
        EMAIL = "email", _("E-mail address")
        DOMAIN = "domain", _("Domain")

    deal = models.ForeignKey(
        Deal, models.CASCADE, null=True, related_name="corrections", verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, null=True, related_name="corrections", verbose_name=_("contact")
    )
    company = models.ForeignKey(
        Company, models.CASCADE, null=True, related_name="corrections", verbose_name=_("company")
    )
    what = models.CharField(_("what"), max_length=10, choices=What)
    crm = models.JSONField(
        _("in the CRM"), help_text=_("Texts in the format of `imports/corrections.py`.")
    )
    ours = models.JSONField(_("corrected to"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    overruled_at = models.DateTimeField(_("CRM changed at"), null=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "what"], name="deals_correction_once"),
            models.UniqueConstraint(fields=["contact", "what"], name="deals_contact_once"),
            models.UniqueConstraint(fields=["company", "what"], name="deals_company_once"),
            models.CheckConstraint(
                condition=Q(deal__isnull=False, contact=None, company=None)
                | Q(deal=None, contact__isnull=False, company=None)
                | Q(deal=None, contact=None, company__isnull=False),
                name="deals_correction_of_one_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row}: {self.get_what_display()}"

    @property
    def row(self) -> "Deal | Contact | Company":
        """The corrected deal, contact or company."""
        row = self.deal or self.contact or self.company
        assert row
        return row


class RemovedPart(models.Model):
    """A contact and role that somebody removed from an imported deal: imports do not add it again.

    If the CRM names the contact in another role, the import adds that one and sets `new_role` and
    `overruled_at`.
    """

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="removed_parts", verbose_name=_("deal")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="removed_parts", verbose_name=_("contact")
    )
    role = models.CharField(_("role"), max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    new_role = models.CharField(_("new role"), max_length=255, blank=True)
    overruled_at = models.DateTimeField(_("CRM changed at"), null=True)

    class Meta:
        verbose_name = _("removed contact of a deal")
        verbose_name_plural = _("removed contacts of deals")
        ordering = ["deal", "contact", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "contact", "role"], name="deals_removed_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.contact}"
