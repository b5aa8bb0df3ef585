"""Numbers that people and files bring: read plainly, and bounded.

Pure. A number of a few characters such as 1e999999 has a million digits once somebody prints it or
makes a fraction of it, so none is let in, and none that is there already is ever expanded.
"""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BEFORE = 15  # the most digits before the point, as they are written
AFTER = 10  # the most digits after it, of what somebody types or a file brings
# The most digits after the point that a column keeps: what the studio computes, and what was
# imported before there were bounds, may have more than AFTER.
KEPT_AFTER = 60

# What a column out of these bounds is read as: it compares with any number, and has no digits.
OUT_OF_BOUNDS = Decimal("Infinity")

PLAIN = re.compile(r"-?(?=\.?\d)(?P<before>\d*)(\.(?P<after>\d*))?", re.ASCII)
KEY = re.compile(r"\d{1,18}", re.ASCII)  # fits the keys of every database
# Each digit is looked at once (`++`): else a long text of them takes minutes.
EXPONENT = re.compile(r"[-+]?(\d++\.?\d*+|\.\d++)e[-+]?\d+", re.ASCII | re.IGNORECASE)


class NumberRefused(ValidationError):
    """A text is no number, is not plain, or has too many digits; the message says which."""


def read_number(text: str, after: int = AFTER) -> Decimal:
    """The number of a text such as 1250.50, with every digit of it. Raises NumberRefused.

    ASCII digits and a point alone: no exponent, no grouping. There is no −0.
    """
    found = PLAIN.fullmatch(text)
    if not found:
        if EXPONENT.fullmatch(text):
            raise NumberRefused(
                _("Write the number out, without an exponent: 1000, not 1e3."), "exponent"
            )
        raise NumberRefused(_("Enter a number. For example, 1250.50."), "invalid")
    if len(found["before"]) > BEFORE:
        raise too_many_before()
    if len(found["after"] or "") > after:
        raise too_many_after(after)
    return positive_zero(Decimal(text))


def check_bounds(number: Decimal, after: int = AFTER) -> None:
    """Raises NumberRefused unless `number` is finite and has no more digits than it may."""
    _sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise NumberRefused(_("Enter a number. For example, 1250.50."), "invalid")
    if len(digits) + exponent > BEFORE:
        raise too_many_before()
    if -exponent > after:
        raise too_many_after(after)


def is_within(number: Decimal, after: int = AFTER) -> bool:
    """Whether `number` is finite and has no more digits than it may."""
    try:
        check_bounds(number, after)
    except NumberRefused:
        return False
    return True


def key_of(text: str) -> int:
    """A row's key from an address; 0, which no row has, where the text is none."""
    return int(text) if KEY.fullmatch(text) else 0


def positive_zero(number: Decimal) -> Decimal:
    """`number`, and 0 for −0."""
    return number.copy_abs() if number.is_zero() else number


def too_many_before() -> NumberRefused:
    """The refusal of a number that is too large."""
    text = _("Enter a number with at most %(most)s digits before the point.")
    return NumberRefused(text, "too_many_digits", {"most": BEFORE})


def too_many_after(after: int) -> NumberRefused:
    """The refusal of a number that is too fine."""
    text = _("Enter a number with at most %(most)s digits after the point.")
    return NumberRefused(text, "too_many_decimals", {"most": after})
