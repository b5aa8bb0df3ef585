"""Forms that turn amounts into whole minor units, and refuse what does not fit."""

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from budgets import ledger
from budgets.estimates import ItemData
from budgets.models import Budget, Entry, Estimate, Line, Period
from budgets.models.budget import today
from studio.fields import MoneyFormField
from studio.formats.money import from_minor, minor_digits, round_minor, shown, to_minor
from studio.single_line import SingleLineField
from studio.ui.widgets import DayInput
from videos.planning.admin.choosers import register_choice, video_chooser
from videos.planning.models import Video

GREENLIT = "greenlit"  # the videos that money may be spent on, in choosers
NOT_NEGATIVE = _("Enter zero, or an amount above it.")


def minor_of(amount: Decimal, currency: str) -> int:
    """The amount in minor units.

    Raises ValidationError where it has too many decimals, or is more than a line can hold.
    """
    try:
        minor = to_minor(amount, currency)
    except ValueError:
        digits = minor_digits(currency)
        nearest = shown(round_minor(amount, currency), currency)
        if digits == 0:
            raise ValidationError(
                gettext("Amounts in %(currency)s have no decimals: say, %(nearest)s."),
                params={"currency": currency, "nearest": nearest},
            ) from None
        raise ValidationError(
            gettext("Amounts in %(currency)s have %(digits)s decimals at most: say, %(nearest)s."),
            params={"currency": currency, "digits": digits, "nearest": nearest},
        ) from None
    if abs(minor) > ledger.MAX_MINOR:
        raise ValidationError(
            gettext("That is more than a line can hold: %(most)s."),
            params={"most": shown(ledger.MAX_MINOR, currency)},
        )
    return minor


def open_lines() -> QuerySet[Line]:
    """Lines that a video can be paid from now or later: of sales, in periods not closed."""
    return (
        Line.objects.filter(
            period__closed_at__isnull=True, budget__department=Budget.Department.SALES
        )
        .select_related("budget", "period")
        .order_by("period__starts_on", "budget__name", "kind", "name")
    )


def greenlit_videos() -> QuerySet[Video]:
    """Videos that money may be spent on."""
    return Video.objects.filter(
        pk__in=Estimate.objects.filter(state=Estimate.State.GREENLIT).values("video")
    )


register_choice(GREENLIT, greenlit_videos)


class LineChoiceField(forms.ModelChoiceField):
    """Lines with what they have available."""

    def label_from_instance(self, line: Any) -> str:
        return gettext("%(period)s · %(line)s: %(available)s available") % {
            "period": line.period.code,
            "line": line.name,
            "available": line.shown(line.available),
        }


class ExpenseForm(forms.Form):
    """Money spent on a greenlit video.

    Where the ledger finds that it looks like an expense that is posted, that one is `alike`; the
    form then offers to bring its key as `again`.
    """

    alike: Entry | None = None
    video = forms.ModelChoiceField(
        Video.objects.none(),
        label=_("Video"),
        widget=video_chooser(GREENLIT),
        help_text=_("Videos without a greenlight are not in the list: nothing is spent on them."),
    )
    line = LineChoiceField(Line.objects.none(), label=_("Line"))
    amount = MoneyFormField(label=_("Amount"), help_text=_("In the currency of the line."))
    posted_on = forms.DateField(
        label=_("Day"), widget=DayInput, help_text=_("A day of the line's period.")
    )
    supplier = SingleLineField(label=_("Supplier"), max_length=120, required=False)
    invoice = SingleLineField(label=_("Invoice"), max_length=120, required=False)
    note = SingleLineField(label=_("Note"), max_length=255, required=False)
    override = forms.CharField(
        label=_("Reason to go below zero"),
        required=False,
        help_text=_(
            "Needed only if the amount is more than the line has available. The reason stays on "
            "record."
        ),
    )

    def __init__(self, *args: Any, may_override: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        videos = cast(forms.ModelChoiceField, self.fields["video"])
        videos.queryset = greenlit_videos()
        cast(forms.ModelChoiceField, self.fields["line"]).queryset = open_lines().filter(
            period__starts_on__lte=today()
        )
        cast(MoneyFormField, self.fields["amount"]).currency_of = self.currency
        if not may_override:
            del self.fields["override"]

    def currency(self) -> str:
        """The currency of the line that was chosen."""
        line = self.cleaned_data.get("line")
        return line.currency if line else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        line, amount = cleaned.get("line"), cleaned.get("amount")
        if line and amount is not None:
            try:
                cleaned["minor"] = minor_of(amount, line.currency)
            except ValidationError as refusal:
                self.add_error("amount", refusal)
        return cleaned


class AskForm(forms.Form):
    """An estimate: an amount beside each line that can carry it."""

    note = forms.CharField(
        label=_("What for"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What finance should know, for example “two days with a crew of three”."),
    )

    def __init__(self, *args: Any, estimate: Estimate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(open_lines().filter(period__ends_on__gte=today()))
        items = {item.line_id: item for item in estimate.items.all()} if estimate else {}
        if estimate:
            self.fields["note"].initial = estimate.note
        for line in self.lines:
            item = items.get(line.pk)
            amount = MoneyFormField(
                required=False,
                min_value=Decimal(0),
                initial=from_minor(item.minor, line.currency) if item else None,
                label=format_lazy("{} ({})", line.name, line.currency),
                error_messages={"min_value": NOT_NEGATIVE},
            )
            amount.currency_of = partial(str, line.currency)
            self.fields[f"amount-{line.pk}"] = amount
            self.fields[f"note-{line.pk}"] = SingleLineField(
                required=False,
                max_length=255,
                initial=item.note if item else "",
                label=format_lazy(_("Note on {}"), line.name),
            )

    def rows(self) -> list[dict[str, Any]]:
        """The lines with their two fields, for the template."""
        return [
            {
                "line": line,
                "available": line.shown(line.available),
                "amount": self[f"amount-{line.pk}"],
                "note": self[f"note-{line.pk}"],
            }
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        asks = []
        for line in self.lines:
            if amount := cleaned.get(f"amount-{line.pk}"):
                try:
                    minor = minor_of(amount, line.currency)
                except ValidationError as refusal:
                    self.add_error(f"amount-{line.pk}", refusal)
                else:
                    asks.append(ItemData(line, minor, cleaned.get(f"note-{line.pk}", "")))
        if not asks and not self.errors:
            raise ValidationError(gettext("Enter an amount beside at least one line."))
        cleaned["asks"] = asks
        return cleaned


class ReasonForm(forms.Form):
    """An act with its reason on record."""

    reason = SingleLineField(
        label=_("Reason"), max_length=255, help_text=_("It stays on record, with your name.")
    )


class LineForm(WagtailAdminModelForm):
    """A line, with what it has to spend. A change of that amount is an entry of the ledger."""

    amount = MoneyFormField(
        label=_("Approved"),
        min_value=Decimal(0),
        help_text=_("What the line has to spend, in the currency of its budget."),
        error_messages={"min_value": NOT_NEGATIVE},
    )
    reason = SingleLineField(
        label=_("Reason"),
        max_length=255,
        required=False,
        help_text=_("Why the approved amount changes. It stays on record, with your name."),
    )

    class Meta:
        model = Line
        fields = ["budget", "period", "name", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = self.instance.approved
        cast(MoneyFormField, self.fields["amount"]).currency_of = self.currency
        if self.instance.pk:
            self.initial["amount"] = from_minor(self.was, self.instance.currency)
        periods = cast(forms.ModelChoiceField, self.fields["period"])
        keep = [self.instance.period_id] if self.instance.pk else []
        periods.queryset = Period.objects.filter(closed_at__isnull=True) | Period.objects.filter(
            pk__in=keep
        )

    def currency(self) -> str:
        """The currency of the budget that was chosen."""
        budget = self.cleaned_data.get("budget")
        return budget.currency if budget else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        budget, amount = cleaned.get("budget"), cleaned.get("amount")
        if budget and amount is not None:
            try:
                cleaned["minor"] = minor_of(amount, budget.currency)
            except ValidationError as refusal:
                self.add_error("amount", refusal)
            else:
                changes = self.instance.pk and cleaned["minor"] != self.was
                if changes and not cleaned.get("reason", "").strip():
                    self.add_error("reason", gettext("Say why the approved amount changes."))
        return cleaned

    def save(self, commit: bool = True) -> Line:
        """Saves the line and posts the change of its amount. Raises the ledger's refusals."""
        line: Line = super().save(commit=commit)
        minor = self.cleaned_data["minor"]
        if minor != self.was:
            reason = self.cleaned_data["reason"] or gettext("First amount of the line.")
            ledger.set_approved(line.pk, minor, by=self.for_user, reason=reason)
            line.refresh_from_db()
        return line


class PeriodField(forms.ModelChoiceField):
    """A period by its code."""

    def to_python(self, value: Any) -> Any:
        """The period. What is not printable is no code, and holds NUL, which no database takes."""
        if isinstance(value, str) and not value.isprintable():
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return super().to_python(value)


class ReportForm(forms.Form):
    """Which period and currency the report shows."""

    period = PeriodField(
        Period.objects.all(),
        to_field_name="code",
        label=_("Period"),
        empty_label=None,
        error_messages={"invalid_choice": _("There is no such period. Choose one of these.")},
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        error_messages={"invalid_choice": _("No budget is in “%(value)s”. Choose one of these.")},
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["currency"])
        field.choices = [(code, code) for code in currencies]
        if len(currencies) < 2 and self.data.get("currency", currencies[0]) in currencies:
            field.widget = forms.HiddenInput()


def expense_day(line: Line | None) -> dt.date:
    """The day a new expense starts from: today, or the last of the line's period."""
    return min(today(), line.period.ends_on) if line else today()
