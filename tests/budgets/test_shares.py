"""The bar of a line says what is used in percents of what is approved, also where that is more."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from budgets.report import Shares, shares

AMOUNTS = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("approved", "committed", "spent", "expected"),
    [
        (100, 30, 20, Shares(20, 30, 0, 20, 30, 100)),
        (100, 60, 90, Shares(90, 60, 50, 60, 40, 66)),
        (1000, 0, 1001, Shares(100, 1, 1, 100, 0, 99)),
        (100, 0, 300, Shares(300, 0, 200, 100, 0, 33)),
        (100, 0, 0, Shares(0, 0, 0, 0, 0, 100)),
        (0, 0, 0, Shares(None, None, None, 0, 0, 100)),
        (0, 10, 30, Shares(None, None, None, 75, 25, 0)),
    ],
)
def test_what_is_used_is_told_in_percents_of_what_is_approved(approved, committed, spent, expected):
    assert shares(approved, committed, spent) == expected


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_line_that_is_over_always_says_so_and_no_other_does(approved, committed, spent):
    found = shares(approved, committed, spent)
    assert found.is_over == (committed + spent > approved)
    assert found.bar_spent + found.bar_committed <= 100
    if approved:
        assert bool(found.over) == found.is_over
        assert found.is_over == (found.spent + found.committed > 100)


def test_the_words_beneath_the_bar_name_how_much_is_over():
    words = " ".join(render_to_string("budgets/bar.html", {"shares": shares(100, 60, 90)}).split())
    assert "90% spent, 60% committed" in words
    assert "50% more than approved" in words
    nothing = render_to_string("budgets/bar.html", {"shares": shares(0, 10, 0)})
    assert "used, but nothing is approved" in nothing
