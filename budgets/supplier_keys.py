"""Comparison keys of supplier names and invoice numbers, to find duplicate expenses."""

import unicodedata

from studio.people.addresses import folded

INVISIBLE = "ZC"  # Unicode categories: separators, control and format characters
SEPARATING = "ZCP"  # also punctuation, so that R-7 equals R 7


def supplier_key(name: str) -> str:
    """Return the comparison key of a supplier's name. Never raises."""
    return without(INVISIBLE, folded(without(INVISIBLE, name)))


def invoice_key(name: str) -> str:
    """Return the comparison key of an invoice number; empty if there is none, as in “–”.

    Never raises.
    """
    return without(SEPARATING, folded(without(SEPARATING, name)))


def without(classes: str, text: str) -> str:
    """Remove the characters of the given major Unicode categories, such as “ZC”."""
    return "".join(char for char in text if unicodedata.category(char)[0] not in classes)
