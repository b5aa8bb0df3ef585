"""Fields of models, forms and filters that more than one room needs."""

import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_filters import ModelMultipleChoiceFilter
from django_filters.fields import ModelMultipleChoiceField as FilterRowsField

from studio.numbers import (
    KEPT_AFTER,
    OUT_OF_BOUNDS,
    NumberRefused,
    check_bounds,
    is_within,
    key_of,
    positive_zero,
    read_number,
)

WHOLE = re.compile(r"-?[0-9]{1,20}")


def new_public_id() -> str:
    """A fresh public id: a random UUID as text."""
    return str(uuid.uuid4())


class PublicIdField(models.CharField):
    """The id that JSON, API, beacon and URLs use: the imported one, else a UUID."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", _("id"))
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("unique", True)
        kwargs.setdefault("default", new_public_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class ExactDecimalFormField(forms.DecimalField):
    """A number that is written plainly, within the bounds of `studio.numbers`."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        return read_number(str(value).strip())

    def prepare_value(self, value: Any) -> Any:
        """What the field starts with: written out, for Python writes 0.0000001 as 1E-7."""
        if not isinstance(value, Decimal):
            return value
        return f"{value:f}" if is_within(value, KEPT_AFTER) else ""


class WholeNumberFormField(forms.IntegerField):
    """A whole number in plain digits: no point, no 1_000, no digits of other scripts."""

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip()
        if value not in self.empty_values and not WHOLE.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class BoundedKeys:
    """A field for several rows that takes no key larger than a database's: mix it in first."""

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
    """Several rows."""


class RowsFilterField(BoundedKeys, FilterRowsField):
    """Several rows of a filter."""


class RowsFilter(ModelMultipleChoiceFilter):
    """Narrows a list to those of several rows."""

    field_class = RowsFilterField


class ExactDecimalField(models.TextField):
    """A bounded, finite `Decimal` that keeps every digit it was given, kept as text.

    SQLite holds `DecimalField` values as floats and both databases round to a fixed number of
    places; this field does neither. The database can neither sum nor order it: fold in Python.

    What is validated has the bounds of `studio.numbers`; what is saved may have more digits after
    the point, up to KEPT_AFTER. A row that holds anything else reads as OUT_OF_BOUNDS.
    """

    description = _("Exact decimal number")
    default_validators = [check_bounds]
    # What mypy reads of it, by way of django-stubs:
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
        """The text of the column. Raises NumberRefused for what is out of bounds."""
        number = self.to_python(value)
        return None if number is None else f"{number:f}"

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> forms.Field:
        kwargs.pop("form_class", None)
        kwargs.pop("choices_form_class", None)
        return ExactDecimalFormField(
            **{
                "required": not self.blank,
                "label": capfirst(self.verbose_name),
                "help_text": self.help_text,
                **kwargs,
            }
        )
