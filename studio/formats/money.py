"""Money: whole minor units of a currency (cents, pence …), and `Decimal` on the way in and out.

Pure: no database, no settings. The number of minor units' digits is ISO 4217's.
"""

from decimal import Decimal
from fractions import Fraction
from math import floor

from studio.formats import localized_numbers

# Minor digits where they are not two: ISO 4217, list one.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
DIGITS = dict.fromkeys(_NONE.split(), 0)
DIGITS |= dict.fromkeys(_THREE.split(), 3)
DIGITS |= dict.fromkeys(_FOUR.split(), 4)

# Money in use, and money that older deals and budgets may still be in.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
    RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())


def is_currency(code: str) -> bool:
    """Whether `code` is the ISO 4217 code of some money."""
    return code in CURRENCIES


def minor_digits(currency: str) -> int:
    """Decimals of an amount in `currency`: 2 for EUR, 0 for JPY, 3 for KWD."""
    return DIGITS.get(currency, 2)


def round_minor(amount: Decimal | Fraction, currency: str) -> int:
    """`amount` in minor units, rounded half up (away from zero), at any size."""
    scale: int = 10 ** minor_digits(currency)
    exact = Fraction(amount) * scale
    whole = floor(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def to_minor(amount: Decimal, currency: str) -> int:
    """`amount` in minor units, exactly. Raises ValueError where it is not whole in them."""
    minor = round_minor(amount, currency)
    if from_minor(minor, currency) != amount:
        raise ValueError(f"{amount} {currency} is not a whole number of minor units.")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """`minor` as an amount with the currency's decimals: 1050 of EUR is Decimal("10.50")."""
    digits = minor_digits(currency)
    sign, figures, _ = Decimal(minor).as_tuple()
    return Decimal((sign, figures, -digits))


def plain(minor: int, currency: str) -> str:
    """`minor` as machines read it: "1050.00"."""
    return f"{from_minor(minor, currency):f}"


def shown(minor: int, currency: str) -> str:
    """`minor` as people read it, in their language and with the currency: "1,050.00 EUR"."""
    number = localized_numbers.shown(from_minor(minor, currency), minor_digits(currency))
    return f"{number}\N{NO-BREAK SPACE}{currency}"
