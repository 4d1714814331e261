"""Money in integer minor units, and the one rounding rule of the house.

Half up, away from zero, so that a credit mirrors its invoice (EN 16931-1 rounds 13.455 to 13.46).
Digits per currency are those of ISO 4217, never those of a locale.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal

from domain.errors import InvalidError, Problem

# ISO 4217, list of 2026-01-01: how many digits the minor unit has.
_CODES_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
        CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
        GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
        MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
        RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
        UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DIGITS = {code: digits for digits, codes in _CODES_BY_DIGITS.items() for code in codes.split()}

_EXACT = Context(prec=60)

HIGHEST_RATE = Decimal(10) ** 9
"""Of one hour or unit, in major units of any currency."""


def round_half_up(value: Decimal, *, digits: int = 0) -> Decimal:
    """Round to *digits* places; ties go away from zero."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_EXACT)


def amount(quantity: Decimal, price: Decimal, *, currency: str) -> int:
    """What *quantity* at *price* (per unit, in major units of *currency*) costs, in minor units."""
    return int(round_half_up(_EXACT.multiply(quantity, price).scaleb(DIGITS[currency], context=_EXACT)))


def percentage(base: int, rate: Decimal) -> int:
    """*rate* percent of *base*, both and the result in minor units."""
    return int(round_half_up(_EXACT.divide(_EXACT.multiply(Decimal(base), rate), Decimal(100))))


def major(minor: int, *, currency: str) -> Decimal:
    """The amount in major units with all of the currency's digits: 1250 EUR is 12.50."""
    return Decimal(minor).scaleb(-DIGITS[currency], context=_EXACT)


def minor(amount: Decimal, *, currency: str) -> int:
    """*amount*, in major units, in minor units.

    Raises:
        InvalidError: the currency has no such fractions.
    """
    units = amount.scaleb(DIGITS[currency], context=_EXACT)
    if units != units.to_integral_value():
        told = f"has more decimal places than {currency}, which has {DIGITS[currency]}"
        raise InvalidError(Problem("/amount", "too-precise", told))
    return int(units)


def known_currency(field: str, value: str) -> Iterator[Problem]:
    """A code of ISO 4217 that has a minor unit (so no metals and no test codes)."""
    if value not in DIGITS:
        yield Problem(
            f"/{field}",
            "unknown-currency",
            "must be an ISO 4217 currency code such as EUR",
        )
