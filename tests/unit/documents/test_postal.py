"""How people, their addresses and their accounts are written."""

from typing import Any

import pytest

from domain.parties import Address, BankDetails
from infrastructure.documents.language import speak
from infrastructure.documents.postal import address_lines, bank_entries
from infrastructure.documents.printed import printed
from tests.documents import a_buyer, a_seller, an_invoice

ENGLISH = speak("en")


def test_an_iban_and_a_bic_are_printed_as_banks_write_them_however_they_were_typed() -> None:
    bank = BankDetails(holder="Ada", account_number="de02-1203-0000-0000-2020-51", bank_code="bylade m1001")

    assert bank_entries(bank, ENGLISH)[1:] == [
        ["IBAN", "DE02 1203 0000 0000 2020 51"],
        ["BIC", "BYLADEM1001"],
    ]


def test_a_bank_account_reads_as_a_transfer_form_asks_for_it() -> None:
    bank = BankDetails(
        holder="Ada", account_number="de02 1203 0000 0000 2020 51", bank_code="BYLADEM1001", bank_name="DKB"
    )

    assert bank_entries(bank, ENGLISH) == [
        ["Account holder", "Ada"],
        ["IBAN", "DE02 1203 0000 0000 2020 51"],
        ["BIC", "BYLADEM1001"],
        ["Bank", "DKB"],
    ]


def test_an_account_that_has_no_iban_stays_as_it_was_given() -> None:
    bank = BankDetails(holder="Ada", account_number="1234567 普通", bank_code="0005-123")

    assert bank_entries(bank, ENGLISH)[1:] == [["Account number", "1234567 普通"], ["Bank code", "0005-123"]]


@pytest.mark.parametrize(
    ("country", "seen_from", "lines"),
    [
        ("DE", "DE", ["c/o Lovelace", "Street 1", "123 Town"]),
        ("DE", "FR", ["c/o Lovelace", "Street 1", "123 Town", "GERMANY"]),
        ("GB", "GB", ["c/o Lovelace", "Street 1", "Town 123"]),
    ],
)
def test_an_address_is_written_as_its_country_does_and_names_it_abroad(
    country: str, seen_from: str, lines: list[str]
) -> None:
    address = Address(
        street="Street 1", city="Town", country=country, postal_code="123", extra_line="c/o Lovelace"
    )

    assert address_lines(address, seen_from=seen_from, language=ENGLISH) == lines


def test_an_address_without_a_postal_code_has_no_hole() -> None:
    address = Address(street="Nathan Road 1", city="Kowloon", country="HK")

    assert address_lines(address, seen_from="HK", language=ENGLISH) == ["Nathan Road 1", "Kowloon"]


@pytest.mark.parametrize(
    ("tax_id", "label"),
    [
        ("DE123456789", "VAT ID"),
        ("ATU12345678", "VAT ID"),
        ("12/345/67890", "Tax number"),
        ("T1234567890123", "Tax number"),
    ],
)
def test_a_tax_number_is_called_what_it_is(tax_id: str, label: str) -> None:
    texts: dict[str, Any] = printed(
        an_invoice(buyer=a_buyer(tax_id=tax_id), seller=a_seller(tax_id=None, email=None))
    )

    assert texts["buyer"]["details"] == [[label, tax_id]]
    assert texts["seller"]["details"] == []
