import re

import pytest
from stdnum.iban import _ibandb

from domain.bank_accounts import LENGTHS, iban, possible_bank
from domain.parties import BankDetails

IBANS = (
    *("DE02120300000000202051", "DE89 3704 0044 0532 0130 00", "AT611904300234573201", "BE68539007547034"),
    *("CH9300762011623852957", "FR1420041010050500013M02606", "GB29NWBK60161331926819", "NL91ABNA0417164300"),
    *(
        "NO9386011117947",
        "PL61109010140000071219812874",
        "MT84MALT011000012345MTLCAST001S",
        "gb29-nwbk-6016-1331-9268-19",
    ),
)


def problems(account_number: str, bank_code: str | None = None) -> list[tuple[str, str]]:
    bank = BankDetails(holder="Ada Lovelace", account_number=account_number, bank_code=bank_code)
    return [(problem.pointer, problem.code) for problem in possible_bank("bank", bank)]


@pytest.mark.parametrize("given", IBANS)
def test_an_iban_is_taken_however_it_is_written(given: str) -> None:
    assert problems(given) == []


@pytest.mark.parametrize("given", IBANS)
def test_a_digit_that_was_mistyped_is_always_noticed(given: str) -> None:
    compact = iban(given) or ""
    wrong = [
        f"{compact[:at]}{(int(each) + 1) % 10}{compact[at + 1 :]}"
        for at, each in enumerate(compact)
        if each.isdigit()
    ]

    assert {tuple(problems(each)) for each in wrong} == {(("/bank/account_number", "not-an-iban"),)}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("DE0212030000000020205", "has 21 characters; an IBAN of DE has 22"),
        ("DE021203000000002020511", "has 23 characters; an IBAN of DE has 22"),
        ("DE0212030000000020205_", "letters and digits only"),
        ("DE02120300000000202015", "check digits do not fit"),
        ("DE02", "has 4 characters; an IBAN of DE has 22"),
        ("ED02 1203 0000 0000 2020 51", "is no IBAN, for there is no country ED"),
    ],
)
def test_an_iban_that_no_bank_has_given_is_refused_with_the_reason(given: str, told: str) -> None:
    [problem] = possible_bank("bank", BankDetails(holder="Ada", account_number=given))

    assert told in problem.message


@pytest.mark.parametrize(
    "other", ["000123456789", "12-345-6", "021000021 / 123456", "ZZ00123", "US12 3456", "US12" + "3" * 18]
)
def test_an_account_number_of_another_kind_is_taken_as_it_is(other: str) -> None:
    assert problems(other, "021000021") == []


@pytest.mark.parametrize(
    ("bank_code", "is_one"),
    [
        ("COBADEFF", True),
        ("COBADEFFXXX", True),
        ("cobadeffxxx", True),
        ("COBADEF", False),
        ("COBADEFFXX", False),
        ("COBAZZFF", False),
        ("COBADEFFXXXX", False),
        ("021000021", False),
    ],
)
def test_beside_an_iban_a_bank_code_is_a_bic(bank_code: str, is_one: bool) -> None:
    assert problems(IBANS[0], bank_code) == ([] if is_one else [("/bank/bank_code", "not-a-bic")])


def test_without_bank_details_there_is_nothing_wrong() -> None:
    assert list(possible_bank("bank", None)) == []


def test_another_program_knows_the_same_lengths() -> None:
    known = {country: _ibandb.info(country)[0][1].get("bban") for country in LENGTHS}

    lengths = {
        country: 4 + sum(map(int, re.findall("[0-9]+", bban))) for country, bban in known.items() if bban
    }

    assert len(lengths) > 70
    assert lengths == {country: length for country, length in LENGTHS.items() if country in lengths}
