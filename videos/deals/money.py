"""Amounts and rates as people read them."""

from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from studio.money import minor_digits
from videos.deals.models import Deal, Rate


def amount_shown(deal: Deal) -> str:
    """A deal's amount with every digit it has, and its currency; empty where unknown."""
    if deal.amount is None:
        return ""
    if not deal.amount.is_finite():
        return _("out of bounds")
    exponent = Decimal(deal.amount).as_tuple().exponent
    digits = max(minor_digits(deal.currency), -exponent if isinstance(exponent, int) else 0)
    number = formats.number_format(
        deal.amount, decimal_pos=digits, use_l10n=True, force_grouping=True
    )
    return f"{number}\N{NO-BREAK SPACE}{deal.currency}"


def rate_shown(rate: Rate) -> str:
    """A rate with every digit it has."""
    return f"{rate.rate:f}" if rate.rate.is_finite() else _("out of bounds")
