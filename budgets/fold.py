"""What entries add up to: the plain fold that the ledger's kept figures are checked against."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Posting(Protocol):
    """As much of an entry as the fold reads."""

    @property
    def kind(self) -> str: ...
    @property
    def minor(self) -> int: ...
    @property
    def drawn(self) -> int: ...


class Balance(NamedTuple):
    """Minor units of one line."""

    approved: int = 0
    committed: int = 0
    spent: int = 0

    @property
    def available(self) -> int:
        """What can still be promised or spent; below zero after an override."""
        return self.approved - self.committed - self.spent


def after(balance: Balance, entry: Posting) -> Balance:
    """`balance` once `entry` is posted. Raises ValueError for a kind it does not know."""
    approved, committed, spent = balance
    match entry.kind:
        case "approval":
            return Balance(approved + entry.minor, committed, spent)
        case "commitment" | "release":
            return Balance(approved, committed + entry.minor, spent)
        case "expense":
            return Balance(approved, committed - entry.drawn, spent + entry.minor)
    raise ValueError(f"An entry of kind {entry.kind!r} is not known.")


def fold(entries: Iterable[Posting]) -> Balance:
    """What the entries of one line add up to."""
    balance = Balance()
    for entry in entries:
        balance = after(balance, entry)
    return balance
