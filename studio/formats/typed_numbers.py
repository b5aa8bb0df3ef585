"""Numbers as people type them, in the language that they read: 1,000.50, or 1.000,50 in German.

Pure, but for the language of the moment. What a screen prints can be typed: grouped or not, with
spaces of any kind between the groups, with a currency before or after it. What can be read in two
ways is refused, and both are named. Babel knows how each language writes numbers; what is bounded,
and how files write numbers, stands in `studio.formats.plain_numbers`.
"""

import re
import unicodedata
from decimal import Decimal

from babel import Locale
from babel.numbers import NumberFormatError, get_currency_symbol, parse_decimal
from django.utils.translation import gettext as _

from studio.formats.localized_numbers import Signs, shown, signs
from studio.formats.money import is_currency, minor_digits
from studio.formats.plain_numbers import (
    AFTER,
    BEFORE,
    EXPONENT,
    NumberRefused,
    positive_zero,
    too_many_after,
    too_many_before,
)

EXAMPLE = Decimal("1250.50")
LONGEST = 120  # signs of a number with its groups and its currency
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
MINUS = "\N{MINUS SIGN}"
AMBIGUOUS_AFTER = 3  # digits after the point look like the thousands after a group's sign
SPLIT = re.compile(
    rf"(?P<before>[^\d.,]*?)\s*(?P<sign>[-{MINUS}]?)\s*"
    rf"(?P<number>[\d.,][\d.,\s{APOSTROPHES}\u066b\u066c]*?)\s*(?P<after>[^\d.,]*)",
    re.ASCII,
)


def read_typed(
    text: str, *, currency: str = "", after: int = AFTER, decimals: int | None = None
) -> Decimal:
    """The number that somebody typed, with every digit of it. Raises NumberRefused.

    `currency` may stand beside it; another one may not. `decimals` is how many digits the number
    can have after the point, where that is known: else nothing tells 1.000 from 1,000.
    """
    own = signs()
    text = spaced(text[: LONGEST + 1])
    if EXPONENT.fullmatch(text):
        raise NumberRefused(
            _("Write the number out, without an exponent: 1000, not 1e3."), "exponent"
        )
    found = SPLIT.fullmatch(text) if len(text) <= LONGEST else None
    if not found:
        raise not_a_number()
    check_currency(found["before"] + found["after"], currency, own)
    typed = grouped(found["number"], own)
    check_digits(typed, own, after)
    number = parsed(found["number"], typed, own, decimals)
    check_one_meaning(typed, number, own, decimals)
    return positive_zero(-number if found["sign"] else number)


def read_money(text: str, currency: str) -> Decimal:
    """An amount that somebody typed; the currency may stand beside it. Raises NumberRefused."""
    return read_typed(text, currency=currency, decimals=minor_digits(currency))


def spaced(text: str) -> str:
    """The text with all kinds of spaces as plain ones, and none at its ends."""
    return "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in text).strip()


def grouped(number: str, own: Signs) -> str:
    """The number with the language's sign between groups, where there are spaces or apostrophes.

    Raises NumberRefused where there is that sign as well.
    """
    typed = re.sub(rf"[\s{APOSTROPHES}]", own.group, number)
    if typed != number and own.group in number and own.group.strip() not in ("", *APOSTROPHES):
        raise not_a_number()
    return typed


def check_currency(mark: str, currency: str, own: Signs) -> None:
    """Raises NumberRefused for what stands beside a number and is not its currency."""
    mark = mark.strip()
    if not mark:
        return
    if currency and mark.upper() in marks_of(currency, own.locale):
        return
    is_money = is_currency(mark.upper()) or all(unicodedata.category(one) == "Sc" for one in mark)
    if is_money and currency:
        text = _("This amount is in %(currency)s: leave “%(mark)s” out.")
        raise NumberRefused(text % {"currency": currency, "mark": mark}, "currency")
    if is_money:
        text = _("Enter the number alone, without “%(mark)s”.")
        raise NumberRefused(text % {"mark": mark}, "currency")
    raise not_a_number()


def marks_of(currency: str, locale: Locale) -> set[str]:
    """How a currency may be written beside an amount."""
    symbols = {get_currency_symbol(currency, locale), get_currency_symbol(currency, "en")}
    return {currency, *(symbol.upper() for symbol in symbols)}


def check_digits(typed: str, own: Signs, after: int) -> None:
    """Raises NumberRefused for too many digits, as they are written."""
    whole, _point, part = typed.partition(own.point)
    if len(whole.replace(own.group, "")) > BEFORE:
        raise too_many_before()
    if len(part) > after:
        raise too_many_after(after)


def parsed(text: str, typed: str, own: Signs, decimals: int | None) -> Decimal:
    """The number. Raises NumberRefused where groups are not where the language has them."""
    try:
        number: Decimal = parse_decimal(typed, own.locale, strict=True)
    except NumberFormatError as refusal:
        found = refusal.suggestions or []
        fitting = [one for one in found if fits(one.partition(own.point)[2], decimals)]
        meant = fitting or found
        if len(meant) > 1:
            raise two_meanings(text, *meant[:2]) from None
        if meant:
            words = _("“%(typed)s” is not how numbers are written here. Did you mean %(meant)s?")
            raise NumberRefused(words % {"typed": text, "meant": meant[0]}, "grouping") from None
        raise not_a_number() from None
    return number


def fits(part: str, decimals: int | None) -> bool:
    """Whether the digits after the point are no more than there can be."""
    return decimals is None or len(part.rstrip("0")) <= decimals


def check_one_meaning(typed: str, number: Decimal, own: Signs, decimals: int | None) -> None:
    """Raises NumberRefused for 1.000, where it may be one or a thousand.

    A number of three decimals is written so. Where a number may have any, as rates do, a single
    group of three may be the decimals of another language.
    """
    if decimals is None and own.point not in typed:
        whole, group, part = typed.partition(own.group)
        if group and own.group not in part and not whole.startswith("0"):
            raise two_meanings(typed, f"{number:f}", shown(number / 1000))
    whole, point, part = typed.partition(own.point)
    looks_grouped = point and len(part) == AMBIGUOUS_AFTER and 1 <= len(whole) <= AMBIGUOUS_AFTER
    if decimals in (None, AMBIGUOUS_AFTER) or not looks_grouped or whole.startswith("0"):
        return
    thousands = shown(number * 1000, 0)
    if fits(part, decimals):
        raise two_meanings(typed, shown(number, decimals), thousands)
    text = _("“%(typed)s” has too many decimal places. Did you mean %(meant)s?")
    raise NumberRefused(text % {"typed": typed, "meant": thousands}, "ambiguous")


def two_meanings(typed: str, first: str, second: str) -> NumberRefused:
    """The refusal of what can be read in two ways; names both."""
    text = _("“%(typed)s” can be read as %(first)s or as %(second)s: write one of these.")
    return NumberRefused(text % {"typed": typed, "first": first, "second": second}, "ambiguous")


def not_a_number() -> NumberRefused:
    """The refusal of what is no number, with one that is."""
    text = _("Enter a number. For example, %(example)s.")
    return NumberRefused(text % {"example": shown(EXAMPLE)}, "invalid")
