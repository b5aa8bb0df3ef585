"""Converts amounts of money at the rates of a day. Pure: no database."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from studio.formats.money import round_minor

MAX_AGE_DAYS = 7  # how many days older than the day of the conversion a rate may be

Rates = Mapping[tuple[str, str, dt.date], Decimal]  # by from_currency, to_currency and day


class RateNotFound(LookupError):
    """There is no usable rate for a pair of currencies on a day or in the days before."""


def convert(
    amount: Decimal, from_currency: str, to_currency: str, day: dt.date, rates: Rates
) -> int:
    """Returns `amount` in minor units of `to_currency`, rounded half up once.

    Uses the rate of `day`, or the latest of the seven days before; never an inverse or a cross
    rate. Rates out of bounds are ignored. Raises RateNotFound.
    """
    if from_currency == to_currency:
        return round_minor(amount, to_currency)
    for age in range(MAX_AGE_DAYS + 1):
        rate = rates.get((from_currency, to_currency, day - dt.timedelta(days=age)))
        if rate is not None and rate.is_finite():
            return round_minor(Fraction(amount) * Fraction(rate), to_currency)
    raise RateNotFound(from_currency, to_currency, day)
