"""Numbers are read plainly and within bounds, whatever a person or a file brings."""

import time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from studio.fields import ExactDecimalField, ExactDecimalFormField, WholeNumberFormField
from studio.formats.plain_numbers import (
    OUT_OF_BOUNDS,
    NumberRefused,
    check_bounds,
    is_within,
    read_number,
)

EXPONENT, DIGITS, DECIMALS, INVALID = (
    "exponent",
    "too_many_digits",
    "too_many_decimals",
    "invalid",
)
ABSURD = [
    ("1e3", EXPONENT),
    ("1E3", EXPONENT),
    ("1e999999", EXPONENT),
    ("-1.5e-7", EXPONENT),
    ("1e" + "9" * 5000, EXPONENT),
    ("1" + "0" * 15, DIGITS),
    ("9" * 1_000_000, DIGITS),
    (str(10**30), DIGITS),
    ("0.12345678901", DECIMALS),
    ("." + "1" * 1_000_000, DECIMALS),
    ("NaN", INVALID),
    ("sNaN", INVALID),
    ("Infinity", INVALID),
    ("-inf", INVALID),
    ("1_000", INVALID),
    ("1,000.50", INVALID),
    ("1.000,50", INVALID),
    ("٣", INVALID),
    ("０", INVALID),
    ("+5", INVALID),
    ("0x10", INVALID),
    ("1.2.3", INVALID),
    (".", INVALID),
    ("-", INVALID),
    ("", INVALID),
    ("1 000", INVALID),
    ("\0", INVALID),
]


@pytest.mark.parametrize(("text", "code"), ABSURD)
def test_an_absurd_number_is_refused_with_its_reason(text, code):
    with pytest.raises(NumberRefused) as refusal:
        read_number(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("-5", "-5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1250.50", "1250.50"),
        ("999999999999999.9999999999", "999999999999999.9999999999"),
    ],
)
def test_a_plain_number_keeps_every_digit(text, number):
    assert str(read_number(text)) == number


@given(st.decimals(-(10**15) + 1, 10**15 - 1, places=10, allow_nan=False))
def test_what_fits_comes_back_as_it_was(number):
    assert read_number(f"{number:f}") == number
    assert is_within(number)
    assert ExactDecimalField().to_python(ExactDecimalField().get_prep_value(number)) == number


@given(st.decimals())
def test_no_number_whatever_is_written_out_beyond_its_bounds(number):
    try:
        text = ExactDecimalField().get_prep_value(number)
    except ValidationError:
        assert not is_within(number)
    else:
        assert len(text) <= 80


@pytest.mark.parametrize(
    "number", ["1E+999999", "0E+999999", "1E-999999", "NaN", "Infinity", "1E+15", "1E-11"]
)
def test_a_number_of_few_signs_is_measured_by_its_digits(number):
    with pytest.raises(NumberRefused):
        check_bounds(Decimal(number))


@pytest.mark.parametrize(
    "text", [text for text, _code in ABSURD if text not in {"", "1,000.50", "1.000,50", "1 000"}]
)
def test_a_form_refuses_it_and_says_why_in_plain_words(text):
    with pytest.raises(ValidationError) as refusal:
        ExactDecimalFormField().clean(text)
    (message,) = refusal.value.messages
    assert message.startswith(("Enter a number", "Write the number out"))


@pytest.mark.parametrize("text", ["1_0", "1.5", "1e1", "٣", "9" * 5000, "-", "NaN", "1.000"])
def test_a_whole_number_is_written_in_plain_digits(text):
    with pytest.raises(ValidationError):
        WholeNumberFormField(min_value=0, max_value=999).clean(text)
    assert WholeNumberFormField(min_value=0).clean(" 10 ") == 10
    assert WholeNumberFormField(min_value=0).clean("1,000") == 1000


def test_a_small_number_is_offered_for_editing_as_it_may_be_typed():
    field = ExactDecimalFormField()
    offered = field.prepare_value(Decimal("0.0000001"))
    assert (offered, field.clean(offered)) == ("0.0000001", Decimal("0.0000001"))
    assert field.prepare_value(OUT_OF_BOUNDS) == ""
    assert field.prepare_value("1e3") == "1e3"  # what was typed stays


@pytest.mark.parametrize("text", ["1e999999", "9" * 1_000_000, "1e" + "9" * 30, "NaN", "x", ""])
def test_a_column_out_of_bounds_is_read_as_such_and_never_expanded(text):
    read = ExactDecimalField().from_db_value(text, None, connection)
    assert read == OUT_OF_BOUNDS
    assert f"{read:f}" == "Infinity"


def test_a_column_from_before_keeps_its_many_decimals():
    text = "0.0061234567890123456789"
    assert ExactDecimalField().from_db_value(text, None, connection) == Decimal(text)


LONG = "9" * 20_000


@pytest.mark.parametrize("text", [LONG + "x", LONG + ".x", f".{LONG}x"])
def test_a_long_text_of_digits_is_refused_at_once(text):
    began = time.process_time()
    with pytest.raises(NumberRefused):
        read_number(text)
    assert time.process_time() - began < 1
