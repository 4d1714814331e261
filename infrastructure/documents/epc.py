"""The QR code that fills in a transfer in the client's banking app: EPC069-12, version 002.

It is for transfers in euro within SEPA. Amount, account and number of the invoice are those printed.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from domain.bank_accounts import bic, iban, possible_bank
from domain.documents import DocumentKind, InvoiceDocument
from domain.money import major

# As an IBAN begins, by the European Payments Council's list of 2025.
_SEPA = (
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
)  # fmt: skip
_DARK = re.compile(rb"\x01+")
_MASK = 3  # readers take each of the eight; to try them all for the neatest takes 6 ms
_LONGEST_NAME = 70
_LONGEST_TEXT = 140
_MOST_BYTES = 331
_MOST_CENTS = 999_999_999_99


def transfer_code(document: InvoiceDocument) -> str | None:
    """The code as an SVG; nothing where no banking app could use it."""
    data = transfer_data(document)
    if data is None:
        return None
    code = _encoder().encode(
        data, error="m", boost_error=False, micro=False, mode="byte", encoding="utf-8", eci=False, mask=_MASK
    )
    return _drawn(code.matrix)


def transfer_data(document: InvoiceDocument) -> str | None:
    """The text of the code, one field a line."""
    bank, cents = document.bank, document.totals.payable
    is_euro = document.kind is DocumentKind.INVOICE and document.currency == "EUR"
    if bank is None or not is_euro or not 0 < cents <= _MOST_CENTS:
        return None
    account = iban(bank.account_number)
    if (
        account is None
        or account[:2] not in _SEPA
        or any(possible_bank("bank", replace(bank, bank_code=None)))
    ):
        return None  # a banking app refuses wrong check digits, which may have been stored before we did
    fields = (
        *("BCD", "002", "1", "SCT"),  # 1: UTF-8
        bic(bank.bank_code) or "",  # within SEPA it may be left out
        _one_line(bank.holder, _LONGEST_NAME),
        account,
        f"EUR{major(cents, currency='EUR')}",
        *("", ""),  # neither purpose nor structured reference
        _one_line(document.number, _LONGEST_TEXT),
    )
    data = "\n".join(fields)
    return data if len(data.encode()) <= _MOST_BYTES else None


@cache
def _encoder() -> ModuleType:
    """That of segno without the rest of segno, whose writers of files load an HTTP client: it takes 25 ms.

    It is a module of a package that is found, but not run.
    """
    package = find_spec("segno")
    if package is None or "segno" in sys.modules:
        return import_module("segno.encoder")
    sys.modules["segno"] = module_from_spec(package)
    try:
        return import_module("segno.encoder")
    finally:
        del sys.modules["segno"]


def _drawn(modules: Sequence[Sequence[int]]) -> str:
    """One path, so that no viewer shows seams between the modules."""
    runs = [
        f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(modules)
        for run in _DARK.finditer(bytes(row))
    ]
    size = len(modules)
    shape = f'<path d="{"".join(runs)}" shape-rendering="crispEdges"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">{shape}</svg>'


def _one_line(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest].rstrip()
