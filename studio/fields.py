"""Model, form and filter fields that several rooms use."""

import uuid
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import ModelMultipleChoiceFilter
from django_filters.fields import ModelMultipleChoiceField as FilterRowsField

from studio.formats.localized_numbers import written
from studio.formats.plain_numbers import (
    KEPT_AFTER,
    OUT_OF_BOUNDS,
    NumberRefused,
    check_bounds,
    is_within,
    key_of,
    positive_zero,
    read_number,
)
from studio.formats.typed_numbers import read_money, read_typed


def new_public_id() -> str:
    """Return a new public id: a random UUID as text."""
    return str(uuid.uuid4())


class PublicIdField(models.CharField):
    """The id used in JSON, the API, beacons and URLs: the imported id, or a UUID."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("id"))
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("default", new_public_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class TypedNumber(forms.TextInput):
    """A text input for numbers in the user's language.

    A browser's number input does not accept 1,000.50 and submits nothing for it.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, inputmode: str = "decimal") -> None:
        super().__init__({"inputmode": inputmode, "autocomplete": "off", **(attrs or {})})


class ExactDecimalFormField(forms.DecimalField):
    """A number in the user's language, within the bounds of `plain_numbers`.

    `decimals` is the number of decimal places allowed, if known.
    """

    widget = TypedNumber
    decimals: int | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.decimals = kwargs.pop("decimals", self.decimals)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        return self.read(str(value))

    def read(self, text: str) -> Decimal:
        """Parse a number. Raises NumberRefused."""
        return read_typed(text, decimals=self.decimals)

    def prepare_value(self, value: Any) -> Any:
        """Return the initial value written out, since Python writes 0.0000001 as 1E-7."""
        if not isinstance(value, Decimal):
            return value
        return written(value) if is_within(value, KEPT_AFTER) else ""


class MoneyFormField(ExactDecimalFormField):
    """An amount of money; its currency may be typed beside it.

    A form sets `currency_of`, called during cleaning, since the currency may depend on another
    field. It returns the ISO 4217 code, or an empty string if unknown.
    """

    currency_of: Callable[[], str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency_of = str

    def read(self, text: str) -> Decimal:
        return read_money(text, self.currency_of())


class WholeNumberFormField(forms.IntegerField):
    """A whole number, with or without grouping: no 1e3, no 1_000, no digits of other scripts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", TypedNumber(inputmode="numeric"))
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        try:
            number = read_typed(str(value), decimals=0)
        except NumberRefused as refusal:
            if refusal.code in ("ambiguous", "exponent"):
                raise
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if number != int(number):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(number)


class BoundedKeys:
    """Mixin, before the field class, that refuses primary keys larger than the database's."""

    error_messages: Any

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not key_of(str(key)) and str(key).isdecimal():
                params = {"pk": str(key)[:20]}
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], "invalid_pk_value", params
                )
        return super().clean(value)  # type: ignore[misc]


class RowsFormField(BoundedKeys, forms.ModelMultipleChoiceField):
    """Several rows of a model."""


class RowsFilterField(BoundedKeys, FilterRowsField):
    """Several rows of a model, in a filter."""


class RowsFilter(ModelMultipleChoiceFilter):
    """Filters by several rows."""

    field_class = RowsFilterField


class ExactDecimalField(models.TextField):
    """A bounded, finite `Decimal` with all its digits, stored as text.

    SQLite stores `DecimalField` values as floats, and both databases round to a fixed number of
    decimal places; this field does neither. The database can neither sum nor sort it: do so in
    Python.

    Validation applies the bounds of `plain_numbers`; saved values may have more decimal places, up
    to KEPT_AFTER. Anything else in the database is read as OUT_OF_BOUNDS.
    """

    description = _("Exact decimal number")
    default_validators = [check_bounds]
    # For mypy with django-stubs:
    _pyi_private_set_type: Decimal | int | str  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Decimal | None:
        if value is None:
            return None
        try:
            return read_number(value, KEPT_AFTER)
        except NumberRefused:
            return OUT_OF_BOUNDS

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return read_number(value.strip(), KEPT_AFTER)
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        check_bounds(number, KEPT_AFTER)
        return positive_zero(number)

    def get_prep_value(self, value: Any) -> str | None:
        """Return the text to store. Raises NumberRefused if out of bounds."""
        number = self.to_python(value)
        return None if number is None else f"{number:f}"

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> forms.Field:
        form_class = kwargs.pop("form_class", None) or ExactDecimalFormField
        kwargs.pop("choices_form_class", None)
        field: forms.Field = form_class(
            **{
                "required": not self.blank,
                "label": capfirst(self.verbose_name),
                "help_text": self.help_text,
                **kwargs,
            }
        )
        return field
