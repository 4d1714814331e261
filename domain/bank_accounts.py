"""IBAN and BIC: what can be one. An account number of another kind is taken as it is, and its bank code too.

IBAN  ISO 13616: country, two check digits (MOD 97-10), and as many characters as the country's have
BIC   ISO 9362: four letters, a country, and two or five characters
"""

import re
from collections.abc import Iterator

from domain.errors import Problem
from domain.parties import COUNTRIES, BankDetails

# SWIFT IBAN Registry, release 99 of December 2024: the length by country.
_LENGTHS_BY_COUNTRY = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20
    EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30
    KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23
    PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26
    UA29 VA22 VG24 XK20 YE30
"""
LENGTHS = {each[:2]: int(each[2:]) for each in _LENGTHS_BY_COUNTRY.split()}
_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_LOOKS_LIKE_ONE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_CHECKED = 97


def iban(account_number: str) -> str | None:
    """The IBAN that an account number claims to be, without spaces; None for one of another kind."""
    compact = _compact(account_number)
    is_one = re.match(r"[A-Z]{2}[0-9]{2}", compact, re.ASCII) and compact[:2] in LENGTHS
    return compact if is_one else None


def _compact(account_number: str) -> str:
    return re.sub(r"[\s-]", "", account_number).upper()


def bic(bank_code: str | None) -> str | None:
    """The BIC that a bank code is, as banks write it; None for one of another kind."""
    compact = re.sub(r"\s", "", bank_code or "").upper()
    found = _BIC.fullmatch(compact)
    return compact if found and found[1] in COUNTRIES else None


def possible_bank(field: str, bank: BankDetails | None) -> Iterator[Problem]:
    """A problem for an IBAN or BIC that no bank has given anybody."""
    if bank is None:
        return
    if number := iban(bank.account_number):
        yield from _iban(f"/{field}/account_number", number)
        if bank.bank_code:
            yield from _bic(f"/{field}/bank_code", bank.bank_code)
    elif _LOOKS_LIKE_ONE.fullmatch(compact := _compact(bank.account_number)) and compact[:2] not in COUNTRIES:
        told = f"is no IBAN, for there is no country {compact[:2]}"
        yield Problem(f"/{field}/account_number", "not-an-iban", told)


def _iban(pointer: str, compact: str) -> Iterator[Problem]:
    country, length = compact[:2], LENGTHS[compact[:2]]
    if len(compact) != length:
        told = f"has {len(compact)} characters; an IBAN of {country} has {length}"
        yield Problem(pointer, "not-an-iban", told)
    elif not compact.isalnum() or not compact.isascii():
        yield Problem(pointer, "not-an-iban", "an IBAN has letters and digits only")
    elif int("".join(str(int(each, 36)) for each in compact[4:] + compact[:4])) % _CHECKED != 1:
        yield Problem(pointer, "not-an-iban", "its check digits do not fit: a digit or letter is mistyped")


def _bic(pointer: str, bank_code: str) -> Iterator[Problem]:
    if not bic(bank_code):
        told = "is no BIC, which is 8 or 11 characters such as COBADEFFXXX; beside an IBAN it may be left out"
        yield Problem(pointer, "not-a-bic", told)
