"""Formats amounts for people."""

from decimal import Decimal

from django.utils.translation import gettext as _

from studio.formats import localized_numbers
from studio.formats.money import minor_digits
from videos.deals.models import Deal


def format_amount(deal: Deal) -> str:
    """Formats a deal's amount with all its digits and its currency; empty if unknown."""
    return "" if deal.amount is None else format_money(deal.amount, deal.currency)


def format_money(amount: Decimal, currency: str) -> str:
    """Formats an amount with all its digits and its currency."""
    if not amount.is_finite():
        return _("out of bounds")
    exponent = amount.as_tuple().exponent
    digits = max(minor_digits(currency), -exponent if isinstance(exponent, int) else 0)
    return f"{localized_numbers.shown(amount, digits)}\N{NO-BREAK SPACE}{currency}"
