"""VAT identification numbers: a country's letters, its format, and its check digits where the rule is public.

    text ──spaces, dots, dashes away──▶ EL123456789 ──format of the country──▶ check digits ──▶ possible

Other tax ids (a German Steuernummer, a US EIN) begin otherwise, and are taken as they are. Formats are those
of the VIES (Article 215 of the VAT Directive); whether a number was ever given, only the tax office knows.
"""

# ruff: noqa: PLR2004 - the numbers are the rules

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import Problem

_BETWEEN = str.maketrans("", "", " .-/\u00a0\u202f")
_LETTERS_FIRST = frozenset({"AT", "CH", "ES", "FR", "GB", "XI"})

_NOBODYS = re.compile(r"[A-Z]?0{7}")
"""Zeros fit most check digits, and whoever has to type something types them."""

Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What follows the letters of a country: `like` it looks, and whether its check digits fit."""

    pattern: str
    like: str
    check: Check


def vat_id(text: str | None) -> str | None:
    """The VAT id that *text* claims to be, without what stands between its parts; None for other tax ids.

    One of Greece begins with EL, also where somebody typed the country's usual letters.
    """
    typed = (text or "").translate(_BETWEEN).upper()
    country, number = {"GR": "EL"}.get(typed[:2], typed[:2]), typed[2:]
    compact = f"{country}{number}"
    if country not in _RULES:
        return None
    begins = r"[A-Z]{0,2}[0-9]" if country in _LETTERS_FIRST else "[0-9]"
    return compact if re.match(begins, number, re.ASCII) else None


def country_of(compact: str) -> str:
    """The country (ISO 3166-1) that gave the VAT id; Northern Ireland has XI, as in its VAT ids."""
    return {"EL": "GR"}.get(compact[:2], compact[:2])


def is_possible(compact: str) -> bool:
    """Whether a VAT id has the format of its country, and check digits that fit."""
    rule, number = _RULES[compact[:2]], compact[2:]
    if not re.fullmatch(rule.pattern, number, re.ASCII) or _NOBODYS.match(number):
        return False
    return rule.check(number)


def possible_tax_id(field: str, text: str | None) -> Iterator[Problem]:
    """A problem, where the text is a VAT id that nobody can have."""
    compact = vat_id(text)
    if compact is None or is_possible(compact):
        return
    rule, letters = _RULES[compact[:2]], compact[:2]
    if re.fullmatch(rule.pattern, compact[2:], re.ASCII):
        told = "is no VAT id: its check digits do not fit; compare it with what its owner wrote"
    else:
        told = f"is no VAT id of {country_of(compact)}, which look like {letters}{rule.like}"
    yield Problem(f"/{field}", "not-a-vat-id", told)


def _weighted(number: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))


def _luhn(number: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(doubled) + sum(map(int, number[-1::-2]))) % 10 == 0


def _iso_11_10(number: str) -> bool:
    """ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in number[:-1]:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return (product + int(number[-1])) % 10 == 1


def _divides(weights: Sequence[int], modulus: int) -> Check:
    return lambda number: _weighted(number, weights) % modulus == 0


def _any(_: str) -> bool:
    return True


def _austria(number: str) -> bool:
    digits = number[1:]
    total = sum(int(digit) for digit in digits[0:7:2])
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in digits[1:7:2])
    return (10 - (total + 4) % 10) % 10 == int(digits[7])


def _bulgaria(number: str) -> bool:
    if len(number) == 10:  # of persons; there are four kinds of them
        return True
    check = _weighted(number[:8], range(1, 9)) % 11
    if check == 10:
        check = _weighted(number[:8], range(3, 11)) % 11 % 10
    return check == int(number[8])


def _cyprus(number: str) -> bool:
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
    total = sum(odd[int(digit)] for digit in number[0:8:2]) + sum(int(digit) for digit in number[1:8:2])
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[total % 26] == number[8]


def _czechia(number: str) -> bool:
    if len(number) > 8:  # of persons
        return True
    check = (11 - _weighted(number[:7], range(8, 1, -1)) % 11) % 11
    return (check or 1) % 10 == int(number[7])


def _greece(number: str) -> bool:
    return _weighted(number[:8], (256, 128, 64, 32, 16, 8, 4, 2)) % 11 % 10 == int(number[8])


def _spain(number: str) -> bool:
    first, digits, last = number[0], number[1:8], number[8]
    if first in "0123456789XYZKLM":
        person = {"X": "0", "Y": "1", "Z": "2", "K": "", "L": "", "M": ""}.get(first, first) + digits
        return "TRWAGMYFPDXBNJZSQVHLCKE"[int(person) % 23] == last
    check = next(each for each in range(10) if _luhn(f"{digits}{each}"))
    return last in {str(check), "JABCDEFGHI"[check]}


def _france(number: str) -> bool:
    key, siren = number[:2], number[2:]
    if not (siren.startswith("000") or _luhn(siren)):  # Monaco has no SIREN
        return False
    if key.isdigit():
        return int(key) == int(f"{siren}12") % 97
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    first, second = map(letters.index, key)
    check = first * 24 + second - 10 if key[0].isdigit() else first * 34 + second - 100
    return (int(siren) + 1 + check // 11) % 11 == check % 11


def _ireland(number: str) -> bool:
    letters = "WABCDEFGHIJKLMNOPQRSTUV"
    if number[1].isdigit():
        digits, more = number[:7], number[8:]
    else:  # until 2013
        digits, more = f"0{number[2:7]}{number[0]}", ""
    total = _weighted(digits, range(8, 1, -1)) + 9 * letters.index(more)
    return letters[total % 23] == number[7]


def _lithuania(number: str) -> bool:
    places = range(len(number) - 1)
    check = _weighted(number[:-1], [1 + place % 9 for place in places]) % 11
    if check == 10:
        check = _weighted(number[:-1], [1 + (place + 2) % 9 for place in places]) % 11
    return number[-2] == "1" and check % 10 == int(number[-1])


def _latvia(number: str) -> bool:
    if number[0] <= "3":  # of persons
        return True
    return _weighted(number, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)) % 11 == 3


def _netherlands(number: str) -> bool:
    as_person = _weighted(number[:9], (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0
    return as_person or int("".join(str(int(each, 36)) for each in f"NL{number}")) % 97 == 1


def _romania(number: str) -> bool:
    return 10 * _weighted(number[:-1].zfill(9), (7, 5, 3, 2, 1, 7, 5, 3, 2)) % 11 % 10 == int(number[-1])


def _slovenia(number: str) -> bool:
    check = 11 - _weighted(number[:7], range(8, 1, -1)) % 11
    return (0 if check == 10 else check) == int(number[7])


def _britain(number: str) -> bool:
    if not number.isdigit():
        return True
    check = _weighted(number[:9], (8, 7, 6, 5, 4, 3, 2, 10, 1)) % 97
    return check == 0 or (number[:3] >= "100" and check in {42, 55})


def _switzerland(number: str) -> bool:
    return (11 - _weighted(number[1:9], (5, 4, 3, 2, 7, 6, 5, 4)) % 11) % 11 == int(number[9])


_BRITISH = _Rule(r"\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d", "123456789", _britain)
_RULES: Mapping[str, _Rule] = {
    "AT": _Rule(r"U\d{8}", "U12345678", _austria),
    "BE": _Rule(r"[01]\d{9}", "0123456789", lambda number: int(number[:8]) % 97 + int(number[8:]) == 97),
    "BG": _Rule(r"\d{9,10}", "123456789", _bulgaria),
    "CH": _Rule(r"E\d{9}(MWST|TVA|IVA|TPV)?", "E123456789MWST", _switzerland),
    "CY": _Rule(r"\d{8}[A-Z]", "12345678X", _cyprus),
    "CZ": _Rule(r"\d{8,10}", "12345678", _czechia),
    "DE": _Rule(r"[1-9]\d{8}", "123456789", _iso_11_10),
    "DK": _Rule(r"[1-9]\d{7}", "12345678", _divides((2, 7, 6, 5, 4, 3, 2, 1), 11)),
    "EE": _Rule(r"\d{9}", "123456789", _divides((3, 7, 1, 3, 7, 1, 3, 7, 1), 10)),
    "EL": _Rule(r"\d{9}", "123456789", _greece),
    "ES": _Rule(r"[0-9A-HJ-NP-SU-Z]\d{7}[0-9A-Z]", "X12345678", _spain),
    "FI": _Rule(r"\d{8}", "12345678", _divides((7, 9, 10, 5, 8, 4, 2, 1), 11)),
    "FR": _Rule(r"[0-9A-HJ-NP-Z]{2}\d{9}", "12345678901", _france),
    "GB": _BRITISH,
    "HR": _Rule(r"\d{11}", "12345678901", _iso_11_10),
    "HU": _Rule(r"\d{8}", "12345678", _divides((9, 7, 3, 1, 9, 7, 3, 1), 10)),
    "IE": _Rule(r"\d[0-9A-Z+*]\d{5}[A-W][A-I]?", "1234567WA", _ireland),
    "IT": _Rule(r"\d{11}", "12345678901", _luhn),
    "LT": _Rule(r"\d{9}|\d{12}", "123456789", _lithuania),
    "LU": _Rule(r"\d{8}", "12345678", lambda number: int(number[:6]) % 89 == int(number[6:])),
    "LV": _Rule(r"\d{11}", "12345678901", _latvia),
    "MT": _Rule(r"[1-9]\d{7}", "12345678", _divides((3, 4, 6, 7, 8, 9, 10, 1), 37)),
    "NL": _Rule(r"\d{9}B\d\d", "123456789B01", _netherlands),
    "NO": _Rule(r"\d{9}(MVA)?", "123456789MVA", _divides((3, 2, 7, 6, 5, 4, 3, 2, 1), 11)),
    "PL": _Rule(r"\d{10}", "1234567890", _divides((6, 5, 7, 2, 3, 4, 5, 6, 7, -1), 11)),
    "PT": _Rule(
        r"[1-9]\d{8}",
        "123456789",
        lambda number: (11 - _weighted(number[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(number[8]),
    ),
    "RO": _Rule(r"[1-9]\d{1,9}", "1234567890", _romania),
    "SE": _Rule(r"\d{10}\d[1-9]", "123456789001", lambda number: _luhn(number[:10])),
    "SI": _Rule(r"[1-9]\d{7}", "12345678", _slovenia),
    "SK": _Rule(r"[1-9]\d[2-47-9]\d{7}", "1234567890", lambda number: int(number) % 11 == 0),
    "XI": _BRITISH,
}
