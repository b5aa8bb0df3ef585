"""Compares the CRM's values with corrections made here, as texts. Pure: no database.

A correction holds as long as the CRM's value stays what it was when the correction was made; any
other CRM value takes its place. So the same files and corrections in the same order always give the
same rows, and importing a file again changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Values = dict[str, list[str]]
FieldGroups = Mapping[str, Sequence[str]]

# The fields that are corrected together: an amount means nothing without its currency.
OF_DEAL: FieldGroups = {
    "name": ("name",),
    "company": ("company_id",),
    "owner": ("owner_id",),
    "stage": ("stage",),
    "amount": ("amount", "currency"),
    "created_at": ("created_at",),
}
OF_CONTACT: FieldGroups = {"name": ("name",), "email": ("email",), "company": ("company_id",)}
OF_COMPANY: FieldGroups = {"name": ("name",), "domain": ("domain",)}


def values(parts: FieldGroups, get: Callable[[str], Any]) -> Values:
    """Returns the values of a row as texts; `get(field)` returns the value of a field."""
    return {what: [text(get(field)) for field in fields] for what, fields in parts.items()}


def text(value: Any) -> str:
    """Returns a text that is the same for equal values; empty for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value)


def digits(number: Decimal) -> str:
    """Returns a number as text without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def differing(before: Values, after: Values) -> list[str]:
    """Returns the names of the values that differ."""
    return [what for what in after if after[what] != before[what]]


def still_valid(crm: Values, corrected: Mapping[str, list[str]]) -> set[str]:
    """Returns which corrections still hold. `corrected` are the CRM's values when each was made."""
    return {what for what, said in corrected.items() if crm[what] == said}
