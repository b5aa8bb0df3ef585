"""Amounts are converted at the rate of a day, and rounded once."""

import datetime as dt
from decimal import Decimal

import pytest

from studio.rates.conversion import RateNotFound, convert

DAY = dt.date(2026, 2, 10)


def rate_of(age, rate="0.5", pair=("USD", "EUR")):
    return {(*pair, DAY - dt.timedelta(days=age)): Decimal(rate)}


def test_the_rate_of_the_day_comes_before_those_of_the_seven_days_before():
    assert convert(Decimal(10), "USD", "EUR", DAY, rate_of(0) | rate_of(7, "0.25")) == 500
    assert convert(Decimal(10), "USD", "EUR", DAY, rate_of(7, "0.25")) == 250
    with pytest.raises(RateNotFound):
        convert(Decimal(10), "USD", "EUR", DAY, rate_of(8) | rate_of(-1))


def test_an_amount_is_rounded_half_up_once_after_the_conversion():
    assert convert(Decimal("0.01"), "USD", "EUR", DAY, rate_of(0)) == 1
    assert convert(Decimal("0.0149"), "USD", "EUR", DAY, rate_of(0, "0.3333333333")) == 0
    assert convert(Decimal("3"), "USD", "JPY", DAY, rate_of(0, pair=("USD", "JPY"))) == 2


def test_the_same_currency_needs_no_rate_and_is_rounded_too():
    assert convert(Decimal("1.005"), "EUR", "EUR", DAY, {}) == 101


def test_neither_an_inverse_nor_a_cross_rate_is_used():
    inverse = rate_of(0, "2", ("EUR", "USD"))
    cross = rate_of(0, "2", ("USD", "GBP")) | rate_of(0, "2", ("GBP", "EUR"))
    with pytest.raises(RateNotFound):
        convert(Decimal(10), "USD", "EUR", DAY, inverse | cross)


def test_a_rate_out_of_bounds_is_ignored():
    rates = rate_of(0, "Infinity") | rate_of(1, "0.25")
    assert convert(Decimal(10), "USD", "EUR", DAY, rates) == 250
