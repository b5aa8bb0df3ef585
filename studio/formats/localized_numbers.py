"""How numbers are written in the reader's language: by Babel, wherever people read or type one.

What is printed with one table of signs and read with another could not be typed as it is printed.
"""

from decimal import Decimal, localcontext
from functools import cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern, get_decimal_symbol, get_group_symbol, parse_pattern
from django.utils.translation import get_language, to_locale


class Signs(NamedTuple):
    """How a language writes numbers."""

    locale: Locale
    point: str
    group: str


@cache
def signs_of(language: str) -> Signs:
    """How a language of Django's writes numbers; an unknown one as English does."""
    try:
        locale = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return Signs(locale, get_decimal_symbol(locale), get_group_symbol(locale))


def signs() -> Signs:
    """How the reader's language writes numbers."""
    return signs_of(get_language() or "en")


def shown(number: Decimal, decimals: int | None = None) -> str:
    """A number as screens print it, in groups, with so many decimals or with all that it has."""
    locale = signs().locale
    _sign, digits, exponent = number.as_tuple()
    own = max(-exponent, 0) if isinstance(exponent, int) else 0
    decimals = own if decimals is None else decimals
    with localcontext() as context:
        context.prec = max(number.adjusted(), 0) + len(digits) + own + decimals + 2  # none is lost
        return str(pattern_of(locale, decimals).apply(number, locale))


@cache
def pattern_of(locale: Locale, decimals: int) -> NumberPattern:
    """How a language writes numbers with so many decimals."""
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    pattern.frac_prec = (decimals, decimals)
    return pattern


def written(number: Decimal) -> str:
    """A number as somebody could have typed it: with all its decimals and without groups."""
    return f"{number:f}".replace(".", signs().point)
