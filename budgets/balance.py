"""Computes balances from entries, to check the figures that the ledger stores."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Posting(Protocol):
    """The attributes of an entry that affect a balance; see `Entry`."""

    @property
    def kind(self) -> str: ...
    @property
    def minor(self) -> int: ...
    @property
    def drawn(self) -> int: ...


class Balance(NamedTuple):
    """The balance of one line, in minor units."""

    approved: int = 0
    committed: int = 0
    spent: int = 0

    @property
    def available(self) -> int:
        """The amount that can still be committed or spent; negative after an override."""
        return self.approved - self.committed - self.spent


def apply_entry(balance: Balance, entry: Posting) -> Balance:
    """Returns the balance after `entry`. Raises ValueError for an unknown kind."""
    approved, committed, spent = balance
    match entry.kind:
        case "approval":
            return Balance(approved + entry.minor, committed, spent)
        case "commitment" | "release":
            return Balance(approved, committed + entry.minor, spent)
        case "expense":
            return Balance(approved, committed - entry.drawn, spent + entry.minor)
    raise ValueError(f"An entry of kind {entry.kind!r} is not known.")


def balance_of(entries: Iterable[Posting]) -> Balance:
    """Returns the balance of the entries of one line."""
    balance = Balance()
    for entry in entries:
        balance = apply_entry(balance, entry)
    return balance
