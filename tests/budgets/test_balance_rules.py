"""What entries add up to, without a database."""

from typing import NamedTuple

import pytest

from budgets.balance import Balance, apply_entry, balance_of


class Posted(NamedTuple):
    kind: str
    minor: int
    drawn: int = 0


@pytest.mark.parametrize(
    ("entry", "balance"),
    [
        (Posted("approval", 7), Balance(107, 40, 20)),
        (Posted("approval", -7), Balance(93, 40, 20)),
        (Posted("commitment", 7), Balance(100, 47, 20)),
        (Posted("release", -7), Balance(100, 33, 20)),
        (Posted("expense", 7), Balance(100, 40, 27)),
        (Posted("expense", 7, 5), Balance(100, 35, 27)),
        (Posted("expense", -7, -5), Balance(100, 45, 13)),  # reversed
    ],
)
def test_an_expense_draws_down_its_commitment_first(entry, balance):
    assert apply_entry(Balance(100, 40, 20), entry) == balance


def test_approved_is_committed_and_spent_and_available():
    entries = [Posted("approval", 100), Posted("commitment", 40), Posted("expense", 30, 25)]
    balance = balance_of(entries)
    assert balance == Balance(approved=100, committed=15, spent=30)
    assert balance.available == 55
    assert balance_of([*entries, Posted("expense", 60)]).available == -5
    assert balance_of([]) == Balance(0, 0, 0) == Balance()


def test_an_entry_of_an_unknown_kind_is_no_part_of_a_balance():
    with pytest.raises(ValueError, match="'gift'"):
        balance_of([Posted("gift", 1)])
