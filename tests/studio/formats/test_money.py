from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.formats.money import from_minor, minor_digits, plain, round_minor, shown, to_minor

CODES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@given(st.integers(-(10**40), 10**40), CODES)
def test_minor_units_come_back_whole(minor, currency):
    assert to_minor(from_minor(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("currency", "digits", "text"),
    [("EUR", 2, "1050.05"), ("JPY", 0, "105005"), ("KWD", 3, "105.005"), ("CLF", 4, "10.5005")],
)
def test_an_amount_is_printed_with_its_currency_s_decimals(currency, digits, text):
    assert (minor_digits(currency), plain(105005, currency)) == (digits, text)


def test_an_amount_is_shown_with_groups_and_currency():
    assert shown(-123456789, "EUR") == "-1,234,567.89\xa0EUR"
    assert shown(0, "JPY") == "0\xa0JPY"


def test_part_of_a_cent_is_refused_or_rounded_half_up():
    with pytest.raises(ValueError, match=r"10\.005 EUR"):
        to_minor(Decimal("10.005"), "EUR")
    assert [round_minor(Decimal(text), "EUR") for text in ("10.005", "-10.005", "10.0049")] == [
        1001,
        -1001,
        1000,
    ]


def test_large_amounts_lose_no_digit():
    with localcontext() as context:
        context.prec = 28
        assert round_minor(Decimal("123456789012345678901234567890.125"), "EUR") == (
            12345678901234567890123456789013
        )
