"""The entries of the ledger, which are only ever added."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.errors import EntryIsFinal
from budgets.models.estimate import Estimate
from studio.single_line import SingleLines
from videos.planning.models import Video


class EntryQuerySet(models.QuerySet["Entry"]):
    """Cannot update or delete entries; database triggers prevent it, too (`db_triggers.py`)."""

    def update(self, **fields: Any) -> NoReturn:
        """Raise EntryIsFinal."""
        raise EntryIsFinal

    def delete(self) -> NoReturn:
        """Raise EntryIsFinal."""
        raise EntryIsFinal


class Entry(SingleLines):
    """One posting to a line. It is final; a wrong one is reversed by another entry.

    `minor` is in minor units of the line's currency. It is positive for commitments and expenses,
    negative for releases, and either for approvals, which raise or lower the approved amount.
    `drawn` is the part of an expense that its video's commitment on the line pays. A reversal has
    the kind of the entry it reverses, and the opposite sign.
    """

    class Kind(models.TextChoices):
        APPROVAL = "approval", _("Approval")
        COMMITMENT = "commitment", _("Commitment")
        RELEASE = "release", _("Release")
        EXPENSE = "expense", _("Expense")

    line = models.ForeignKey(
        "budgets.Line", models.PROTECT, related_name="entries", verbose_name=_("line")
    )
    video = models.ForeignKey(
        Video,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("video"),
    )
    estimate = models.ForeignKey(
        Estimate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entries",
        verbose_name=_("estimate"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    minor = models.BigIntegerField(_("amount"))
    drawn = models.BigIntegerField(_("part paid from the commitment"), default=0)
    posted_at = models.DateTimeField(_("posted"), auto_now_add=True, db_index=True)
    posted_on = models.DateField(_("day"), db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty if the studio posted it automatically."),
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    supplier = models.CharField(_("supplier"), max_length=120, blank=True)
    invoice = models.CharField(_("invoice"), max_length=120, blank=True)
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    override_reason = models.TextField(_("reason for the override"), blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["-posted_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("post_expense", _("Can post and reverse expenses"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="approval", video__isnull=True)
                | (~Q(kind="approval") & Q(video__isnull=False)),
                name="budgets_entry_video_unless_approval",
            ),
            models.CheckConstraint(
                condition=Q(kind="expense") | Q(drawn=0), name="budgets_entry_expenses_alone_draw"
            ),
            models.CheckConstraint(condition=~Q(minor=0), name="budgets_entry_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.line.shown(self.minor)}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise EntryIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise EntryIsFinal."""
        raise EntryIsFinal

    @property
    def is_reversed(self) -> bool:
        """Whether it has been reversed."""
        return hasattr(self, "reversed_by")

    def description(self) -> str:
        """Return supplier, invoice, note and override, as far as there are any, on one line."""
        parts = [self.supplier, self.invoice, self.note]
        if self.override_reason:
            parts.append(gettext("Override: %(reason)s") % {"reason": self.override_reason})
        return " · ".join(part for part in parts if part)
