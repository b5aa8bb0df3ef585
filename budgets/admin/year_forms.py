"""Forms to set up a fiscal year: its periods, and the amounts of its lines."""

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

SPARE = 3  # empty lines after one of each kind
FIRST_YEAR, LAST_YEAR = 2000, 2100


class ShapeForm(forms.Form):
    """When the year begins, how it is divided, and the budget."""

    month = forms.TypedChoiceField(label=_("First month"), choices=list(MONTHS.items()), coerce=int)
    year = WholeNumberFormField(
        label=_("Calendar year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, widget=forms.TextInput
    )
    parts = forms.TypedChoiceField(label=_("Divided into"), choices=Parts, coerce=int)
    budget = forms.ModelChoiceField(
        Budget.objects.none(),
        label=_("Budget"),
        required=False,
        empty_label=_("New sales budget"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["budget"]).queryset = Budget.objects.filter(
            department=Budget.Department.SALES
        )
        self.fields["year"].widget.attrs |= {"inputmode": "numeric", "size": 6}

    @staticmethod
    def usual() -> dict[str, Any]:
        """Return the default values: the year after the last period, in quarters.

        Without periods, it is the current calendar year. The budget is the first one of sales.
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
        """Return the periods of the year. The form has to be valid."""
        data = self.cleaned_data
        return planned_periods(data["month"], data["year"], Parts(data["parts"]))


class AmountsForm(forms.Form):
    """The amount of each line in each period, and the name and currency of a new budget."""

    name = SingleLineField(
        label=_("Name of the new budget"), max_length=120, initial=_("Sales video budget")
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        initial=studio_currency,
        help_text=_("An ISO 4217 code. It cannot be changed once the budget has lines."),
    )

    def __init__(
        self, *args: Any, spans: Sequence[PlannedPeriod], budget: Budget | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.spans, self.budget = spans, budget
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
            for part, span in enumerate(spans):
                amount = MoneyFormField(
                    label=format_lazy(_("Line {} in {}"), number, span.code),
                    required=False,
                    min_value=Decimal(0),
                )
                amount.currency_of = self.amounts_currency
                self.fields[f"amount-{row}-{part}"] = amount
        self.rows_count = len(kinds)

    def amounts_currency(self) -> str:
        """Return the currency of the amounts, which may be invalid if the user typed it."""
        if self.budget:
            return self.budget.currency
        given = self["currency"].value()
        return str(given).strip().upper() if given else studio_currency()

    def rows(self) -> list[dict[str, Any]]:
        """Return the lines with their fields, for the template."""
        parts = range(len(self.spans))
        return [
            {
                "number": row + 1,
                "name": self[f"line-{row}"],
                "kind": self[f"kind-{row}"],
                "amounts": [(self.spans[part], self[f"amount-{row}-{part}"]) for part in parts],
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
                self.add_error(f"line-{row}", gettext("Enter a name for the line."))
            elif name in names:
                self.add_error(f"line-{row}", gettext("Another line has the same name."))
            names.add(name)
            lines.append(PlannedLine(name, cleaned.get(f"kind-{row}", ""), amounts))
        if not lines and not self.errors:
            raise ValidationError(gettext("Enter an amount for at least one line."), "no_line")
        cleaned["lines"] = lines
        return cleaned

    def amounts_of(self, row: int, cleaned: dict[str, Any]) -> dict[int, int]:
        """Return the amounts of a row by index of the period, in minor units, without zeros."""
        found = {}
        for part in range(len(self.spans)):
            name = f"amount-{row}-{part}"
            if amount := cleaned.get(name):
                try:
                    found[part] = minor_of(amount, self.amounts_currency())
                except ValidationError as refusal:
                    self.add_error(name, refusal)
        return found

    def total(self) -> str:
        """Return the formatted total of all amounts. The form has to be valid."""
        lines = self.cleaned_data["lines"]
        return shown(sum(sum(line.minor.values()) for line in lines), self.amounts_currency())

    def chosen_budget(self) -> Budget:
        """Return the chosen budget, or a new, unsaved one. The form has to be valid."""
        if self.budget:
            return self.budget
        data = self.cleaned_data
        return Budget(name=data["name"], currency=data["currency"])
