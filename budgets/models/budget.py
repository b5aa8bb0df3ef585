"""Budgets, their lines by kind of cost, and fiscal periods."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from budgets.errors import ClosedPeriodRefused, EntryOutsidePeriod, TodayNotCovered
from budgets.models.entry import Entry
from budgets.models.estimate import EstimateItem
from studio.collation.functions import SortKey
from studio.formats.money import is_currency, plain, shown
from studio.single_line import SingleLines


def studio_currency() -> str:
    """Return the currency of the studio, an ISO 4217 code."""
    return str(settings.CURRENCY)


def validate_currency(code: str) -> None:
    """Raise ValidationError unless `code` is an ISO 4217 code."""
    if not is_currency(code):
        raise ValidationError(
            gettext("“%(code)s” is not a currency. Give a code such as EUR or USD."),
            params={"code": code},
        )


class PeriodQuerySet(models.QuerySet["Period"]):
    """Queries for periods."""

    def on(self, day: dt.date) -> "PeriodQuerySet":
        """Select the period that covers `day`: at most one, since periods do not overlap."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class Period(SingleLines):
    """Fiscal months from `starts_on` to `ends_on`, both included. Periods do not overlap."""

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z",
                _("Use letters, digits, “.”, “_” and “-”, as in FY2026-Q4."),
            )
        ],
        help_text=_("Short and unique, for example “FY2026-Q4”."),
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["-starts_on"]
        permissions = [("close_period", _("Can close periods"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="budgets_period_ends_after_start",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="budgets_period_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code

    @property
    def reported(self) -> tuple[str, dt.date, dt.date]:
        """The values that reports show: code, first and last day."""
        return self.code, self.starts_on, self.ends_on

    @property
    def is_closed(self) -> bool:
        """Whether it is closed, so that nothing can be posted to it."""
        return self.closed_at is not None

    def clean(self) -> None:
        if not (self.starts_on and self.ends_on):
            return
        was = Period.objects.filter(pk=self.pk).first() if self.pk else None
        if was and was.is_closed and was.reported != self.reported:
            raise ValidationError(
                gettext("The code and days of a closed period cannot be changed.")
            )
        if self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": gettext("The last day is before the first.")})
        if was:
            was.check_days(self.starts_on, self.ends_on)
        others = Period.objects.exclude(pk=self.pk)
        shared = others.filter(starts_on__lte=self.ends_on, ends_on__gte=self.starts_on).first()
        if shared:
            text = gettext("These days overlap with %(period)s (%(first)s to %(last)s).")
            values = {
                "period": shared,
                "first": date_format(shared.starts_on),
                "last": date_format(shared.ends_on),
            }
            raise ValidationError(text, "overlap", values)

    def nearest_open(self) -> "Period | None":
        """Return the first open period after this one, or else the last before it, if any."""
        others = Period.objects.filter(closed_at=None).exclude(pk=self.pk)
        later = others.filter(starts_on__gt=self.starts_on).order_by("starts_on").first()
        return later or others.order_by("-starts_on").first()

    def covers(self, day: dt.date) -> bool:
        """Return whether the period covers `day`."""
        return self.starts_on <= day <= self.ends_on

    def check_days(self, first: dt.date, last: dt.date) -> None:
        """Raise EntryOutsidePeriod or TodayNotCovered if the period may not have these days.

        Entries that are outside already are ignored, for example a greenlight given in advance. For
        entries, a database trigger enforces the same; see `db_triggers.py`.
        """
        entries = Entry.objects.filter(line__period=self.pk)
        inside = entries.filter(posted_on__range=(self.starts_on, self.ends_on))
        by_day = inside.select_related("line__budget").order_by("posted_on", "pk")
        earliest, latest = by_day.first(), by_day.last()
        if earliest and latest:
            out = earliest if earliest.posted_on < first else latest
            if not first <= out.posted_on <= last:
                raise EntryOutsidePeriod(self, out, earliest.posted_on, latest.posted_on)
        if self.covers(today()) and not first <= today() <= last and entries.exists():
            raise TodayNotCovered(self, today())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the period. Raises ClosedPeriodRefused if it is closed."""
        if self.is_closed:
            raise ClosedPeriodRefused(self)
        return super().delete(*args, **kwargs)


class Budget(SingleLines):
    """The budget of one department in one currency, for any number of periods."""

    class Department(models.TextChoices):
        SALES = "sales", _("Sales")
        MARKETING = "marketing", _("Marketing")
        OTHER = "other", _("Another department")

    name = models.CharField(_("name"), max_length=120, unique=True)
    department = models.CharField(
        _("belongs to"),
        max_length=12,
        choices=Department,
        default=Department.SALES,
        help_text=_("Videos can only be paid from a budget that belongs to sales."),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default=studio_currency, validators=[validate_currency]
    )

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = [SortKey("name")]
        permissions = [("view_report", _("Can see the budget report"))]

    def __str__(self) -> str:
        return self.name

    @property
    def pays_production(self) -> bool:
        """Whether video production may be paid from it."""
        return self.department == self.Department.SALES

    def clean(self) -> None:
        self.currency = self.currency.upper()
        was = Budget.objects.filter(pk=self.pk).first() if self.pk else None
        if not was or (was.currency, was.department) == (self.currency, self.department):
            return
        if Line.objects.filter(budget=self.pk).exists():
            raise ValidationError(
                gettext(
                    "The department and currency of a budget with lines cannot be changed. Add"
                    " another budget."
                )
            )


class LineQuerySet(models.QuerySet["Line"]):
    """Queries for lines."""

    def with_balance(self) -> "LineQuerySet":
        """Annotate `committed`, `spent` and `awaiting`, in minor units.

        The first two are sums of entries; `awaiting` is the sum of undecided estimates.
        """

        def total(entries: Any, **sums: Any) -> Coalesce:
            by_line = entries.filter(line=models.OuterRef("pk")).order_by().values("line")
            return Coalesce(models.Subquery(by_line.annotate(**sums).values("total")), 0)

        promised = Entry.objects.filter(kind__in=[Entry.Kind.COMMITMENT, Entry.Kind.RELEASE])
        expenses = Entry.objects.filter(kind=Entry.Kind.EXPENSE)
        return self.annotate(
            promised=total(promised, total=Sum("minor")),
            drawn=total(expenses, total=Sum("drawn")),
            spent=total(expenses, total=Sum("minor")),
            awaiting=total(EstimateItem.objects.undecided(), total=Sum("minor")),
        ).annotate(committed=F("promised") - F("drawn"))


class Line(SingleLines):
    """A sum that a budget sets aside for one kind of cost in one period.

    `approved` and `available` are minor units that only `ledger.py` writes. The ledger keeps
    `available` correct under its locks; `balance.py` computes it from the entries, as a check.
    """

    class Kind(models.TextChoices):
        CREW = "crew", _("Crew")
        GEAR = "gear", _("Gear")
        PLACE = "place", _("Place")
        TRAVEL = "travel", _("Travel")
        EDITING = "editing", pgettext_lazy("cost", "Editing")
        CAPTIONS = "captions", _("Captions and translation")
        OTHER = "other", _("Other")

    budget = models.ForeignKey(
        Budget, models.PROTECT, related_name="lines", verbose_name=_("budget")
    )
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="lines", verbose_name=_("period")
    )
    name = models.CharField(
        _("name"), max_length=120, help_text=_("For example, “Crew and operators”.")
    )
    kind = models.CharField(_("kind of cost"), max_length=12, choices=Kind)
    approved = models.BigIntegerField(_("approved"), default=0, editable=False)
    available = models.BigIntegerField(_("available"), default=0, editable=False)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["period__starts_on", SortKey("budget__name"), "kind", SortKey("name")]
        permissions = [("override_line", _("Can take a line below zero, with a reason"))]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "period", "name"],
                name="budgets_line_name",
                violation_error_message=_("This budget has a line of that name in that period."),
            ),
            models.CheckConstraint(
                condition=Q(approved__gte=0), name="budgets_line_approved_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.period.code})"

    @property
    def currency(self) -> str:
        """The currency of its budget, an ISO 4217 code."""
        return self.budget.currency

    def shown(self, minor: int) -> str:
        """Format minor units in the line's currency, in the active language."""
        return shown(minor, self.currency)

    def plain(self, minor: int) -> str:
        """Format minor units as a decimal without the currency, the same in every language."""
        return plain(minor, self.currency)

    @property
    def reported(self) -> tuple[int, int, str, str]:
        """The values that reports show: budget, period, name and kind."""
        return self.budget_id, self.period_id, self.name, self.kind

    def clean(self) -> None:
        was = Line.objects.select_related("period").filter(pk=self.pk).first() if self.pk else None
        if was and was.reported == self.reported:
            return
        for period in (
            was.period if was else None,
            Period.objects.filter(pk=self.period_id).first(),
        ):
            if period and period.is_closed:
                raise ClosedPeriodRefused(period)
        if not was or (was.budget_id, was.period_id) == (self.budget_id, self.period_id):
            return
        if was.entries.exists():
            raise ValidationError(
                gettext(
                    "The budget and period of a line with entries cannot be changed. Add another"
                    " line there, and change the approved amounts of both."
                )
            )

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the line. Raises ClosedPeriodRefused if its period is closed."""
        if self.period.is_closed:
            raise ClosedPeriodRefused(self.period)
        return super().delete(*args, **kwargs)


def today() -> dt.date:
    """Return the current day in the studio's time zone."""
    return timezone.localdate()
