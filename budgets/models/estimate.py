"""Estimates: what a video is expected to cost, by line, and who wrote and decided it."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from studio.formats.money import shown
from studio.single_line import SingleLines
from videos.planning.models import Video


class EstimateQuerySet(models.QuerySet["Estimate"]):
    """Queries for estimates."""

    def to_be_greenlit_by(self, user: Any) -> "EstimateQuerySet":
        """Select waiting estimates that the user neither requested nor wrote.

        Writing any estimate of the video since its last greenlight counts, so that nobody can
        greenlight their own estimate after a colleague has requested it.
        """
        written = EstimateWriter.objects.since_greenlight().filter(
            user=user.pk, estimate__video=OuterRef("video")
        )
        waiting = self.filter(state=Estimate.State.REQUESTED)
        return waiting.exclude(requested_by=user.pk).exclude(Exists(written))


class Estimate(models.Model):
    """What a video is expected to cost, by line. If it needs more, it gets another estimate.

    Only `estimates.py` and `ledger.py` write `state`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REQUESTED = "requested", _("Waiting for greenlight")
        GREENLIT = "greenlit", _("Greenlit")
        DECLINED = "declined", _("Declined")

    UNDECIDED = (State.DRAFT, State.REQUESTED)

    video = models.ForeignKey(
        Video, models.PROTECT, related_name="estimates", verbose_name=_("video")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    note = models.TextField(_("what for"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EstimateQuerySet.as_manager()

    class Meta:
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        ordering = ["created_at", "pk"]
        permissions = [
            ("request_estimate", _("Can write estimates and request greenlights")),
            ("greenlight_estimate", _("Can greenlight and decline estimates")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["video"],
                condition=Q(state__in=["draft", "requested"]),
                name="budgets_estimate_one_undecided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "requested"], decided_at__isnull=True)
                | Q(state="declined", decided_at__isnull=False)
                | Q(state="greenlit", decided_at__isnull=False, decided_by__isnull=False),
                name="budgets_estimate_decided_on_record",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(requested_at__isnull=False) | Q(state="declined"),
                name="budgets_estimate_asked_on_record",
            ),
            models.CheckConstraint(
                condition=~Q(state="greenlit", decided_by=models.F("requested_by")),
                name="budgets_estimate_never_greenlit_by_asker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video} · {self.get_state_display()}"

    @property
    def is_undecided(self) -> bool:
        """Whether it is neither greenlit nor declined."""
        return self.state in self.UNDECIDED

    def sums(self) -> str:
        """Return its formatted total, one for each currency."""
        by_currency: dict[str, int] = {}
        for item in self.items.all():
            code = item.line.currency
            by_currency[code] = by_currency.get(code, 0) + item.minor
        return ", ".join(shown(minor, code) for code, minor in sorted(by_currency.items()))


class EstimateWriterQuerySet(models.QuerySet["EstimateWriter"]):
    """Queries for writers of estimates."""

    def since_greenlight(self) -> "EstimateWriterQuerySet":
        """Select writers of estimates that are newer than the last greenlight of their video."""
        greenlit = Estimate.objects.filter(
            video=OuterRef("estimate__video"),
            state=Estimate.State.GREENLIT,
            pk__gte=OuterRef("estimate"),
        )
        return self.filter(~Exists(greenlit))


class EstimateWriter(models.Model):
    """A user who wrote a version of an estimate, which may have been replaced since."""

    estimate = models.ForeignKey(Estimate, models.CASCADE, related_name="writers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    since = models.DateTimeField(_("since"), auto_now_add=True)

    objects = EstimateWriterQuerySet.as_manager()

    class Meta:
        verbose_name = _("writer of an estimate")
        verbose_name_plural = _("writers of estimates")
        ordering = ["since", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["estimate", "user"], name="budgets_estimatewriter_once")
        ]

    def __str__(self) -> str:
        return str(self.user)


class EstimateItemQuerySet(models.QuerySet["EstimateItem"]):
    """Queries for items of estimates."""

    def undecided(self) -> "EstimateItemQuerySet":
        """Select items of estimates that are neither greenlit nor declined."""
        return self.filter(estimate__state__in=Estimate.UNDECIDED)

    def expected(self) -> "EstimateItemQuerySet":
        """Select items of estimates that are not declined, which add up to the expected cost."""
        return self.exclude(estimate__state=Estimate.State.DECLINED)


class EstimateItem(SingleLines):
    """The part of an estimate that one line is to pay; `minor` is in minor units."""

    estimate = models.ForeignKey(Estimate, models.CASCADE, related_name="items")
    line = models.ForeignKey(
        "budgets.Line", models.PROTECT, related_name="estimate_items", verbose_name=_("line")
    )
    minor = models.BigIntegerField(_("amount"), validators=[MinValueValidator(1)])
    note = models.CharField(_("note"), max_length=255, blank=True)

    objects = EstimateItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of an estimate")
        verbose_name_plural = _("items of estimates")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="budgets_estimateitem_above_zero")
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.line.shown(self.minor)}"
