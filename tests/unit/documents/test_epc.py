"""The code that fills in a transfer: what it says (EPC069-12), and where there is none."""

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import segno

from domain.parties import BankDetails
from infrastructure.documents.epc import transfer_code, transfer_data
from tests.documents import a_credit_note, a_line, an_invoice

ADA = BankDetails(holder="Ada  Brandt", account_number="de02 1203 0000 0000 2020 51", bank_code="BYLADEM1001")


def paid_to(**changes: Any) -> str | None:
    return transfer_data(an_invoice(bank=replace(ADA, **changes)))


def test_it_says_to_whom_where_how_much_and_what_for() -> None:
    assert transfer_data(an_invoice(bank=ADA)) == (
        "BCD\n002\n1\nSCT\nBYLADEM1001\nAda Brandt\nDE02120300000000202051\nEUR498.75\n\n\n2026-0042"
    )


def test_a_bank_code_that_is_no_bic_is_left_out() -> None:
    assert "\nSCT\n\nAda" in str(paid_to(bank_code="12030000"))


def test_a_holder_s_name_has_at_most_seventy_characters() -> None:
    assert f"\n{'Ö' * 70}\n" in str(paid_to(holder="Ö" * 200))


@pytest.mark.parametrize(
    "account",
    ["1234567", "DE03120300000000202051", "SA0380000000608010167519", "DE02120300000000202０51"],
    ids=["no IBAN", "wrong check digits", "outside SEPA", "a digit that is none"],
)
def test_there_is_none_where_the_account_takes_no_such_transfer(account: str) -> None:
    assert paid_to(account_number=account) is None


def test_there_is_none_where_it_would_be_too_long_for_a_banking_app() -> None:
    assert paid_to(holder="𝕬" * 70) is None


@pytest.mark.parametrize(
    "document",
    [
        an_invoice(currency="CHF", bank=ADA),
        an_invoice(bank=None),
        an_invoice(lines=(a_line(unit_price=0),)),
        an_invoice(lines=(a_line(quantity=1, unit_price=10**9),)),
        a_credit_note(),
    ],
    ids=["not in euro", "no account", "nothing to pay", "more than fits", "a credit note"],
)
def test_there_is_none_where_nothing_can_be_paid_by_it(document: Any) -> None:
    assert transfer_code(document) is None


def test_it_is_drawn_module_by_module() -> None:
    document = an_invoice(bank=ADA)

    drawn = str(transfer_code(document))

    data = str(transfer_data(document))
    code = segno.make(data, error="m", boost_error=False, encoding="utf-8", mode="byte", mask=3)
    dark = {(x, y) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module}
    assert modules_of(drawn) == dark
    assert f'viewBox="0 0 {len(code.matrix)} {len(code.matrix)}"' in drawn


def modules_of(svg: str) -> set[tuple[int, int]]:
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)]
    return {(x + step, y) for x, y, length in runs for step in range(length)}


LOADED = """
import sys
from infrastructure.documents.epc import transfer_code
from tests.documents import an_invoice
sys.modules.pop("urllib.request", None)
assert transfer_code(an_invoice())
print("urllib.request" in sys.modules)
import segno
print(segno.make("whole").designator)
"""


def test_a_code_needs_no_http_client_and_leaves_the_library_whole() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True, text=True)

    assert run.stdout.split() == ["False", "M3-M"]
