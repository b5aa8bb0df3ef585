"""Normalizes names of suppliers and invoices, to find expenses that were posted already."""

import unicodedata

from studio.people.addresses import folded

UNSEEN = "ZC"  # Unicode classes: separators, and control and format characters
BETWEEN = "ZCP"  # and punctuation: R-7 is the same as R 7


def supplier_key(name: str) -> str:
    """Returns the comparison key of a supplier's name. Never raises."""
    return without(UNSEEN, folded(without(UNSEEN, name)))


def invoice_key(name: str) -> str:
    """Returns the comparison key of an invoice; empty if there is none, as in “–”. Never raises."""
    return without(BETWEEN, folded(without(BETWEEN, name)))


def without(classes: str, text: str) -> str:
    """Removes the characters of some Unicode classes."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in classes)
