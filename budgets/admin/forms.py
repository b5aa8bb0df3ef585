"""Forms of the budget. They convert amounts to minor units."""

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
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

GREENLIT = "greenlit"  # name of the choice of videos in choosers
NOT_NEGATIVE = _("Enter zero or a positive amount.")


def minor_of(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units.

    Raises ValidationError if it has too many decimals or is too large.
    """
    try:
        minor = to_minor(amount, currency)
    except ValueError:
        digits = minor_digits(currency)
        nearest = shown(round_minor(amount, currency), currency)
        if digits == 0:
            raise ValidationError(
                gettext(
                    "Amounts in %(currency)s have no decimals. Enter %(nearest)s, for example."
                ),
                params={"currency": currency, "nearest": nearest},
            ) from None
        raise ValidationError(
            gettext(
                "Amounts in %(currency)s have at most %(digits)s decimals. Enter %(nearest)s, for"
                " example."
            ),
            params={"currency": currency, "digits": digits, "nearest": nearest},
        ) from None
    if abs(minor) > ledger.MAX_MINOR:
        raise ValidationError(
            gettext("The amount is too large. A line can have at most %(most)s."),
            params={"most": shown(ledger.MAX_MINOR, currency)},
        )
    return minor


def open_lines() -> QuerySet[Line]:
    """Return the lines of sales budgets in open periods, from which videos can be paid."""
    return (
        Line.objects.filter(
            period__closed_at__isnull=True, budget__department=Budget.Department.SALES
        )
        .select_related("budget", "period")
        .order_by("period__starts_on", "budget__name", "kind", "name")
    )


def greenlit_videos() -> QuerySet[Video]:
    """Return the videos that expenses can be posted for."""
    return Video.objects.filter(
        pk__in=Estimate.objects.filter(state=Estimate.State.GREENLIT).values("video")
    )


register_choice(GREENLIT, greenlit_videos)


class LineChoiceField(forms.ModelChoiceField):
    """A choice of lines, labelled with what is available."""

    def label_from_instance(self, line: Any) -> str:
        return gettext("%(period)s · %(line)s: %(available)s available") % {
            "period": line.period.code,
            "line": line.name,
            "available": line.shown(line.available),
        }


class ExpenseForm(forms.Form):
    """An expense of a greenlit video.

    If it looks like a posted expense, the view sets `similar` to that entry. The template then
    shows a button to post it anyway, which submits the entry's primary key as `again`.
    """

    similar: Entry | None = None
    video = forms.ModelChoiceField(
        Video.objects.none(),
        label=_("Video"),
        widget=video_chooser(GREENLIT),
        help_text=_("Only greenlit videos can be chosen."),
    )
    line = LineChoiceField(Line.objects.none(), label=_("Line"))
    amount = MoneyFormField(label=_("Amount"), help_text=_("In the currency of the line."))
    posted_on = forms.DateField(
        label=_("Day"),
        widget=DayInput,
        help_text=_("A day in the period of the line, not in the future."),
    )
    supplier = SingleLineField(label=_("Supplier"), max_length=120, required=False)
    invoice = SingleLineField(label=_("Invoice"), max_length=120, required=False)
    note = SingleLineField(label=_("Note"), max_length=255, required=False)
    override = forms.CharField(
        label=_("Reason to go below zero"),
        required=False,
        help_text=_(
            "Only needed if the amount is more than the line has available. It is kept on record."
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
        """Return the currency of the chosen line, or an empty string."""
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


class EstimateForm(forms.Form):
    """An estimate: an amount for each line that videos can be paid from."""

    note = forms.CharField(
        label=_("What for"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For finance, for example “two days with a crew of three”."),
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
        """Return the lines with their fields, for the template."""
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
        items = []
        for line in self.lines:
            if amount := cleaned.get(f"amount-{line.pk}"):
                try:
                    minor = minor_of(amount, line.currency)
                except ValidationError as refusal:
                    self.add_error(f"amount-{line.pk}", refusal)
                else:
                    items.append(ItemData(line, minor, cleaned.get(f"note-{line.pk}", "")))
        if not items and not self.errors:
            raise ValidationError(gettext("Enter an amount for at least one line."))
        cleaned["items"] = items
        return cleaned


class ReasonForm(forms.Form):
    """The reason for an action."""

    reason = SingleLineField(
        label=_("Reason"), max_length=255, help_text=_("It is kept on record with your name.")
    )


class LineForm(WagtailAdminModelForm):
    """A line and its approved amount, whose changes are posted to the ledger."""

    amount = MoneyFormField(
        label=pgettext_lazy("budget", "Approved"),
        min_value=Decimal(0),
        help_text=_("What may be spent on the line, in the currency of its budget."),
        error_messages={"min_value": NOT_NEGATIVE},
    )
    reason = SingleLineField(
        label=_("Reason"),
        max_length=255,
        required=False,
        help_text=_("Why the approved amount changes. It is kept on record with your name."),
    )

    class Meta:
        model = Line
        fields = ["budget", "period", "name", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.approved_before = self.instance.approved
        cast(MoneyFormField, self.fields["amount"]).currency_of = self.currency
        if self.instance.pk:
            self.initial["amount"] = from_minor(self.approved_before, self.instance.currency)
        periods = cast(forms.ModelChoiceField, self.fields["period"])
        keep = [self.instance.period_id] if self.instance.pk else []
        periods.queryset = Period.objects.filter(closed_at__isnull=True) | Period.objects.filter(
            pk__in=keep
        )

    def currency(self) -> str:
        """Return the currency of the chosen budget, or an empty string."""
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
                changes = self.instance.pk and cleaned["minor"] != self.approved_before
                if changes and not cleaned.get("reason", "").strip():
                    self.add_error(
                        "reason", gettext("Enter a reason for changing the approved amount.")
                    )
        return cleaned

    def save(self, commit: bool = True) -> Line:
        """Save the line and post the change of its amount. Raises the errors of `set_approved`."""
        line: Line = super().save(commit=commit)
        minor = self.cleaned_data["minor"]
        if minor != self.approved_before:
            reason = self.cleaned_data["reason"] or gettext("First approved amount.")
            ledger.set_approved(line.pk, minor, by=self.for_user, reason=reason)
            line.refresh_from_db()
        return line


class PeriodField(forms.ModelChoiceField):
    """A choice of a period, by its code."""

    def to_python(self, value: Any) -> Any:
        """Return the period. Refuse unprintable characters: PostgreSQL raises an error for NUL."""
        if isinstance(value, str) and not value.isprintable():
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return super().to_python(value)


class ReportForm(forms.Form):
    """The period and currency of the report."""

    period = PeriodField(
        Period.objects.all(),
        to_field_name="code",
        label=_("Period"),
        empty_label=None,
        error_messages={"invalid_choice": _("There is no such period. Choose one from the list.")},
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        error_messages={
            "invalid_choice": _("No budget has the currency “%(value)s”. Choose one from the list.")
        },
    )

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["currency"])
        field.choices = [(code, code) for code in currencies]
        if len(currencies) < 2 and self.data.get("currency", currencies[0]) in currencies:
            field.widget = forms.HiddenInput()


def expense_day(line: Line | None) -> dt.date:
    """Return the initial day of an expense: today, or the last day of the line's period."""
    return min(today(), line.period.ends_on) if line else today()
