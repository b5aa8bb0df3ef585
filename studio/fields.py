"""Model fields that more than one room needs."""

import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


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


class ExactDecimalField(models.TextField):
    """A finite `Decimal` that keeps every digit it was given, kept as text.

    SQLite holds `DecimalField` values as floats and both databases round to a fixed number of
    places; this field does neither. The database can neither sum nor order it: fold in Python.
    """

    description = _("Exact decimal number")
    # What mypy reads of it, by way of django-stubs:
    _pyi_private_set_type: Decimal | int | str  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ValidationError(_("Enter a number."), code="invalid")
        return number

    def get_prep_value(self, value: Any) -> str | None:
        number = self.to_python(value)
        return None if number is None else f"{number:f}"

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def formfield(self, **kwargs: Any) -> forms.Field:
        kwargs.pop("form_class", None)
        kwargs.pop("choices_form_class", None)
        return forms.DecimalField(
            **{
                "required": not self.blank,
                "label": capfirst(self.verbose_name),
                "help_text": self.help_text,
                **kwargs,
            }
        )
