"""Suppliers and invoices are compared however they are written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.supplier_keys import invoice_key, supplier_key

LETTERS = st.sampled_from("aAäÄåøßẞéłŁяЯ①ﬁ№１-./#&, ")
NAMES = st.lists(LETTERS, max_size=12).map("".join)
UNSEEN = st.sampled_from([" ", "\u00a0", "\u2009", "\u200b", "\u00ad", "\ufeff", "\t"])
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@given(NAMES, FORMS, UNSEEN, st.integers(0, 20))
def test_form_case_and_what_nobody_sees_make_no_other_name(name, form, unseen, at):
    written = unicodedata.normalize(form, name)
    written = written[:at] + unseen + written[at:]
    for key in (supplier_key, invoice_key):
        assert key(written) == key(written.upper()) == key(name)
        assert key(key(name)) == key(name)


@given(NAMES, st.sampled_from("-–./#:_"), st.integers(0, 20))
def test_signs_between_make_no_other_invoice(name, sign, at):
    assert invoice_key(name[:at] + sign + name[at:]) == invoice_key(name)


@pytest.mark.parametrize(
    ("one", "other"), [("R-7", "R-8"), ("Räume", "Raume"), ("Acme GmbH", "Acme"), ("R-7", "")]
)
def test_other_letters_and_digits_make_another(one, other):
    assert supplier_key(one) != supplier_key(other)
    assert invoice_key(one) != invoice_key(other)
    assert supplier_key("A/B") != supplier_key("AB")
