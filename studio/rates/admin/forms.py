"""The form of rates of exchange."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from studio.formats.money import is_currency
from studio.rates.models import Rate
from studio.ui.widgets import DayInput

A_YEAR = dt.timedelta(days=366)
EARLIEST_RATE = dt.date(1900, 1, 1)


class RateForm(WagtailAdminModelForm):
    """Adds or edits a rate of exchange."""

    class Meta:
        model = Rate
        fields = ["day", "from_currency", "to_currency", "rate"]
        widgets = {
            "day": DayInput(),
            "from_currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "to_currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
        }
        help_texts = {
            "day": gettext_lazy(
                "It is used for deals that closed on this day or in the seven days after it."
            ),
            "rate": gettext_lazy("How much of the second currency one of the first is worth."),
        }

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        today = timezone.localdate()
        if day > today + A_YEAR:
            raise forms.ValidationError(_("This day is more than a year ahead. Check the year."))
        if day < EARLIEST_RATE:
            raise forms.ValidationError(_("This day is before 1900. Check the year."))
        return day

    def clean_from_currency(self) -> str:
        return clean_currency_code(self.cleaned_data["from_currency"])

    def clean_to_currency(self) -> str:
        return clean_currency_code(self.cleaned_data["to_currency"])

    def clean_rate(self) -> Decimal:
        rate: Decimal = self.cleaned_data["rate"]
        if rate <= 0:
            raise forms.ValidationError(_("A rate must be above zero."))
        return rate

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        pair = cleaned.get("from_currency"), cleaned.get("to_currency")
        if pair[0] and pair[0] == pair[1]:
            self.add_error("to_currency", _("Enter two different currencies."))
        return cleaned


def clean_currency_code(text: str) -> str:
    """Cleans an ISO 4217 code: capitals; empty stays empty. Raises ValidationError."""
    code = text.strip().upper()
    if code and not is_currency(code):
        raise forms.ValidationError(
            _("“%(code)s” is not a currency code. Enter three letters, such as EUR.")
            % {"code": code}
        )
    return code
