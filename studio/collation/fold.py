"""How text is compared: for search, ignoring case and accents, and for sorting.

Pure functions. `migrations/0001_functions_of_text.py` defines the same in PostgreSQL.
"""

import re
import unicodedata

# Letters that Unicode does not decompose, and how people type them on other keyboards
LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
LETTERS |= dict(zip("øłđðıħŧŋς", "olddihtnσ", strict=True))
WITH_LETTERS = str.maketrans(LETTERS)
# Marks of other scripts are kept: without them the words would differ
ACCENTS = re.compile("[\u0300-\u036f]+")
DIGITS = re.compile("[0-9]+")
WIDTH = 20  # digits of a number that is sorted as a number


def fold(text: str) -> str:
    """Return the text in lower case and without accents, in any script, for search.

    “Özlem”, “ÖZLEM” and “ozlem” become one, and so do “Анна” and “АННА”.
    """
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text).lower().translate(WITH_LETTERS)
    return unicodedata.normalize("NFKC", ACCENTS.sub("", small))


def sort_key(text: str) -> str:
    """Return the key by which to sort the text, so that “Video 2” comes before “Video 10”.

    Case and accents are ignored: “Ödegaard” is next to “Odegaard”.
    """
    return DIGITS.sub(lambda digits: digits[0].rjust(WIDTH, "0")[-WIDTH:], fold(text))
