"""The two forms of a fiscal year: how it is divided, and what each line has in each period."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budgets.admin.forms import minor_of
from budgets.fiscal_year import Parts, PlannedLine, PlannedPeriod, planned_periods
from budgets.models import Budget, Line, Period
from budgets.models.budget import studio_currency, today
from studio.fields import MoneyFormField, WholeNumberFormField
from studio.formats.money import shown
from studio.single_line import SingleLineField

SPARE = 3  # lines beyond one of each kind
FIRST_YEAR, LAST_YEAR = 2000, 2100


class ShapeForm(forms.Form):
    """When the year begins, how it is divided, and which budget pays."""

    month = forms.TypedChoiceField(label=_("First month"), choices=list(MONTHS.items()), coerce=int)
    year = WholeNumberFormField(
        label=_("in the year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, widget=forms.TextInput
    )
    parts = forms.TypedChoiceField(label=_("Divided into"), choices=Parts, coerce=int)
    budget = forms.ModelChoiceField(
        Budget.objects.none(),
        label=_("Budget"),
        required=False,
        empty_label=_("a new budget of sales"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["budget"]).queryset = Budget.objects.filter(
            department=Budget.Department.SALES
        )
        self.fields["year"].widget.attrs |= {"inputmode": "numeric", "size": 6}

    @staticmethod
    def usual() -> dict[str, Any]:
        """What the form begins with: the year after the last period, or this calendar year where
        there is none yet; in quarters, and paid by the budget of sales.
        """
        budget = Budget.objects.filter(department=Budget.Department.SALES).first()
        last = Period.objects.order_by("ends_on").last()
        first = last.ends_on + dt.timedelta(days=1) if last else today().replace(month=1, day=1)
        return {
            "month": first.month,
            "year": min(first.year, LAST_YEAR),
            "parts": int(Parts.QUARTERS),
            "budget": budget.pk if budget else "",
        }

    def planned_periods(self) -> list[PlannedPeriod]:
        """The periods of the year, of a valid form."""
        asked = self.cleaned_data
        return planned_periods(asked["month"], asked["year"], Parts(asked["parts"]))


class AmountsForm(forms.Form):
    """The name and currency of a new budget, and what each line has in each period."""

    name = SingleLineField(
        label=_("Name of the new budget"), max_length=120, initial=_("Sales video budget")
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        initial=studio_currency,
        help_text=_("An ISO 4217 code. It stays once the budget has lines."),
    )

    def __init__(
        self, *args: Any, wanted: Sequence[PlannedPeriod], budget: Budget | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.wanted, self.budget = wanted, budget
        if budget:
            del self.fields["name"], self.fields["currency"]
        kinds = [*Line.Kind, *[None] * SPARE]
        for row, kind in enumerate(kinds):
            number = row + 1
            self.fields[f"line-{row}"] = SingleLineField(
                label=format_lazy(_("Name of line {}"), number),
                max_length=120,
                required=False,
                initial=kind.label if kind else "",
            )
            self.fields[f"kind-{row}"] = forms.ChoiceField(
                label=format_lazy(_("Kind of cost of line {}"), number),
                choices=Line.Kind,
                initial=kind or Line.Kind.OTHER,
            )
            for part, span in enumerate(wanted):
                amount = MoneyFormField(
                    label=format_lazy(_("Line {} in {}"), number, span.code),
                    required=False,
                    min_value=Decimal(0),
                )
                amount.currency_of = self.currency_code
                self.fields[f"amount-{row}-{part}"] = amount
        self.rows_count = len(kinds)

    def currency_code(self) -> str:
        """The currency of the amounts, as far as it is known."""
        return self.money

    @property
    def money(self) -> str:
        """The currency of the amounts, as far as it is known."""
        if self.budget:
            return self.budget.currency
        given = self["currency"].value()
        return str(given).strip().upper() if given else studio_currency()

    def rows(self) -> list[dict[str, Any]]:
        """The lines with their fields, for the template."""
        parts = range(len(self.wanted))
        return [
            {
                "number": row + 1,
                "name": self[f"line-{row}"],
                "kind": self[f"kind-{row}"],
                "amounts": [(self.wanted[part], self[f"amount-{row}-{part}"]) for part in parts],
                "errors": [
                    error
                    for name in (
                        f"line-{row}",
                        f"kind-{row}",
                        *(f"amount-{row}-{part}" for part in parts),
                    )
                    for error in self.errors.get(name, ())
                ],
            }
            for row in range(self.rows_count)
        ]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lines, names = [], set()
        for row in range(self.rows_count):
            amounts = self.amounts_of(row, cleaned)
            if not amounts:
                continue
            name = cleaned.get(f"line-{row}", "").strip()
            if not name:
                self.add_error(f"line-{row}", gettext("Give the line a name."))
            elif name in names:
                self.add_error(f"line-{row}", gettext("Another line has this name."))
            names.add(name)
            lines.append(PlannedLine(name, cleaned.get(f"kind-{row}", ""), amounts))
        if not lines and not self.errors:
            raise ValidationError(gettext("Enter an amount for at least one line."), "no_line")
        cleaned["lines"] = lines
        return cleaned

    def amounts_of(self, row: int, cleaned: dict[str, Any]) -> dict[int, int]:
        """What a row sets aside by period, in minor units; nothing for what is empty or zero."""
        found = {}
        for part in range(len(self.wanted)):
            name = f"amount-{row}-{part}"
            if amount := cleaned.get(name):
                try:
                    found[part] = minor_of(amount, self.money)
                except ValidationError as refusal:
                    self.add_error(name, refusal)
        return found

    def total(self) -> str:
        """What all lines of a valid form have in all, for people."""
        lines = self.cleaned_data["lines"]
        return shown(sum(sum(line.minor.values()) for line in lines), self.money)

    def new_budget(self) -> Budget:
        """The budget of a valid form: the chosen one, or a new one, not saved yet."""
        if self.budget:
            return self.budget
        told = self.cleaned_data
        return Budget(name=told["name"], currency=told["currency"])
