"""What a screen prints can be typed, in the reader's language; what means two things is refused."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.fields import ExactDecimalFormField, MoneyFormField, WholeNumberFormField
from studio.formats.localized_numbers import shown as number_shown
from studio.formats.localized_numbers import written
from studio.formats.money import from_minor, shown
from studio.formats.plain_numbers import NumberRefused
from studio.formats.typed_numbers import read_money, read_typed

LANGUAGES = [
    "ar",
    "da",
    "de",
    "de-ch",
    "en",
    "es",
    "fi",
    "fr",
    "fr-ch",
    "hi",
    "it",
    "ja",
    "pl",
    "sv",
]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@settings(max_examples=25)
@given(minor=st.integers(-(10**14), 10**14), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_understood_as_every_screen_prints_it(language, minor, currency):
    with translation.override(language):
        amount = from_minor(minor, currency)
        assert read_money(shown(minor, currency), currency) == amount
        assert read_money(written(amount), currency) == amount


@given(st.decimals(-(10**15) + 1, 10**15 - 1, places=10, allow_nan=False))
def test_a_number_with_all_its_decimals_is_understood_as_it_is_printed(number):
    assert read_typed(number_shown(number)) == number


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "1,000.50", "1000.50"),
        ("en", "1000.50", "1000.50"),
        ("en", "12,345,678.90", "12345678.90"),
        ("en", "1\u00a0000.50", "1000.50"),
        ("en", "1'000.50", "1000.50"),
        ("en", "€ 1,000.50", "1000.50"),
        ("en", "1,000.50\u00a0EUR", "1000.50"),
        ("en", "eur 5", "5"),
        ("en", "\u22125.00", "-5.00"),
        ("en", " .5 ", "0.5"),
        ("en", "1,000", "1000"),
        ("de", "1.000,50", "1000.50"),
        ("de", "1.000,50 €", "1000.50"),
        ("de", "1.000", "1000"),
        ("de", "1,5", "1.5"),
        ("fr", "1 000,50", "1000.50"),
        ("fr", "1\u202f000,50", "1000.50"),
        ("de-ch", "1’000.50", "1000.50"),
    ],
)
def test_a_number_is_read_in_the_language_of_who_types_it(language, text, number):
    with translation.override(language):
        assert str(read_money(text, "EUR")) == number


@pytest.mark.parametrize(
    ("language", "text", "code", "words"),
    [
        ("en", "1e3", "exponent", "1000, not 1e3"),
        ("en", "1.000", "ambiguous", "can be read as 1.00 or as 1,000"),
        ("en", "1.005", "ambiguous", "Did you mean 1,005?"),
        ("en", "1,5", "ambiguous", "can be read as 15 or as 1.5"),
        ("en", "1,50", "ambiguous", "can be read as 150 or as 1.5"),
        ("en", "1.000,50", "grouping", "Did you mean 1,000.5?"),
        ("en", "1,00,000", "grouping", "Did you mean 100,000?"),
        ("en", "1 000,50", "invalid", "For example, 1,250.50"),
        ("en", "$5", "currency", "in EUR: leave “$” out"),
        ("en", "5 USD", "currency", "in EUR: leave “USD” out"),
        ("en", "5 apples", "invalid", "For example"),
        ("en", "", "invalid", "For example"),
        ("de", "1,000", "ambiguous", "1.000"),
        ("de", "1000.50", "ambiguous", "1.000,5"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_and_both_are_named(language, text, code, words):
    with translation.override(language), pytest.raises(NumberRefused) as refusal:
        read_money(text, "EUR")
    assert refusal.value.code == code
    assert words in refusal.value.messages[0]


def test_three_decimals_mean_nothing_else_where_there_are_three_or_any():
    assert read_money("1.000", "KWD") == 1
    assert read_typed("1.085") == Decimal("1.085")


@pytest.mark.parametrize(("language", "text"), [("de", "1.085"), ("en", "1,085")])
def test_a_rate_typed_in_another_language_is_not_read_as_a_thousand_times_as_much(language, text):
    with translation.override(language), pytest.raises(NumberRefused) as refusal:
        read_typed(text)
    assert refusal.value.code == "ambiguous"
    assert "1085" in refusal.value.messages[0]


def test_groups_of_a_large_number_are_read():
    assert read_typed("1,000,085") == 1_000_085
    assert read_typed("1,085.0") == 1085
    assert read_typed("1085") == 1085


def test_a_long_text_is_refused_at_once():
    for text in ("1" * 10**6, "1," * 10**5, "x" * 10**6):
        with pytest.raises(NumberRefused):
            read_typed(text)


def test_a_form_offers_a_number_as_its_reader_types_it_and_knows_it_again():
    field = ExactDecimalFormField()
    with translation.override("de"):
        offered = field.prepare_value(Decimal("1000.50"))
        assert (offered, field.clean(offered)) == ("1000,50", Decimal("1000.50"))
        assert not field.has_changed(Decimal("1000.50"), "1.000,5")


def test_an_amount_knows_its_currency_when_it_is_looked_at():
    field = MoneyFormField()
    field.currency_of = lambda: "JPY"
    assert field.clean("¥1,000") == 1000
    with pytest.raises(NumberRefused, match="in JPY"):
        field.clean("€5")


def test_no_number_is_typed_into_a_browser_s_own_field_for_numbers():
    for field in (ExactDecimalFormField(), MoneyFormField(), WholeNumberFormField(min_value=1)):
        assert field.widget.input_type == "text"
        assert field.widget.attrs["inputmode"] in {"decimal", "numeric"}
