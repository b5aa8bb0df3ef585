"""When two names of a supplier or an invoice are one, however they are written."""

import unicodedata

from studio.people.addresses import folded

UNSEEN = "ZC"  # Unicode's classes of white space, and of controls and formats
BETWEEN = "ZCP"  # and of punctuation: R-7 is R 7


def supplier_key(name: str) -> str:
    """What is compared of a supplier. Never raises."""
    return without(UNSEEN, folded(without(UNSEEN, name)))


def invoice_key(name: str) -> str:
    """What is compared of an invoice; empty where there is none, as in “–”. Never raises."""
    return without(BETWEEN, folded(without(BETWEEN, name)))


def without(classes: str, text: str) -> str:
    """The text without the signs of some of Unicode's classes."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] not in classes)
