"""Two addresses are one when their keys are equal, and in no other case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.people.addresses import LONGEST, domain_key, email_key, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Studio.Example", "ann@studio.example"),
        (" ann@studio.example\n", "ann@studio.example"),
        ("ann@studio.example.", "ann@studio.example"),
        ("\uff21\uff4e\uff4e@\uff53tudio.example", "ann@studio.example"),  # full width
        ("\u212aarl@fernhill.example", "karl@fernhill.example"),  # the Kelvin sign
        ("\ufb00@fernhill.example", "ff@fernhill.example"),  # a ligature
        ("stra\u00dfe@fernhill.example", "STRASSE@fernhill.example"),  # casefolded
        ("ann@B\u00dcCHER.example", "ann@xn--bcher-kva.example"),
        ("ann@fernhill\u3002example", "ann@fernhill.example"),
        ("ann@a_b.example", "ANN@A_B.example"),
        ("ann@[192.0.2.1]", "Ann@[192.0.2.1]"),
    ],
)
def test_one_address_in_many_forms_has_one_key(one, other):
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fernh\u0131ll@studio.example", "fernhill@studio.example"),  # the dotless i
        ("ann@fernh\u0131ll.example", "ann@fernhill.example"),
        ("\u0130da@studio.example", "ida@studio.example"),  # the dotted capital I
        ("ann@stra\u00dfe.example", "ann@strasse.example"),  # non-transitional
        ("ann+1@studio.example", "ann@studio.example"),
        ("a.nn@studio.example", "ann@studio.example"),
        ("\u0430nn@studio.example", "ann@studio.example"),  # Cyrillic
        ("ann@\u2488com", "ann@1.com"),  # what UTS 46 refuses meets nothing that it takes
    ],
)
def test_different_addresses_have_different_keys(one, other):
    assert email_key(one) != email_key(other)


def test_an_address_and_its_key_are_told_apart_from_nothing():
    assert (email_key(""), email_key("  "), domain_key(" . ")) == ("", "", "")
    assert email_key("nobody") == "nobody"
    assert email_key("a@b@Studio.example") == "a@b@studio.example"


@given(st.text(max_size=300), st.text(max_size=300))
def test_every_text_has_a_key_that_a_column_holds(local, domain):
    key = email_key(f"{local}@{domain}")
    assert len(key) <= LONGEST
    assert email_key(f"  {local}@{domain} ") == email_key(f"{local}@{domain}".strip())
    assert len(name_key(local)) <= LONGEST


ASCII = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_", min_size=1)


@given(ASCII, ASCII)
def test_plain_addresses_are_one_exactly_when_they_differ_by_case_alone(one, other):
    same = one.lower() == other.lower()
    assert (email_key(f"{one}@x.example") == email_key(f"{other}@X.example")) is same


def test_a_long_address_costs_no_time():
    assert domain_key("\u00fc" * 100_000).startswith("sha256:")
    assert email_key("\u00fc" * 100_000 + "@x.example").startswith("sha256:")
