import random
import re

import pytest
from stdnum.ch import vat as swiss
from stdnum.eu import vat as eu
from stdnum.gb import vat as british
from stdnum.no import mva

from domain.errors import Problem
from domain.vat_ids import _RULES, country_of, is_possible, possible_tax_id, vat_id


def problems(text: str | None) -> list[Problem]:
    return list(possible_tax_id("tax_id", text))


OF_ALL = [
    *("ATU13585627", "BE0428759497", "BG175074752", "CHE100155212MWST", "CY10259033P", "CZ25123891"),
    *("DE136695976", "DK13585628", "EE100931558", "EL094259216", "ESJ99216582", "ESM1234567L", "FI20774740"),
    *("FR40303265045", "FR83404833048", "GB980780684", "HR33392005961", "HU12892312", "IE6433435F"),
    *("IE6433435OA", "IE8D79739I", "IT00743110157", "LT119511515", "LT100001919017", "LU15027442"),
    *("LV40003521600", "MT11679112", "NL004495445B01", "NO995525828MVA", "PL8567346215", "PT501964843"),
    *("RO18547290", "SE123456789701", "SI50223054", "SK2022749619", "XI980780684"),
]

MORE_IS_TAKEN = {"CY", "IT", "SE"}
"""There, the other program also knows which numbers are not given out."""


@pytest.mark.parametrize("given", OF_ALL)
def test_what_can_be_a_vat_id_is_taken(given: str) -> None:
    assert vat_id(given) == given
    assert is_possible(given)
    assert problems(given) == []


def test_a_number_of_greece_may_begin_with_the_letters_of_the_country() -> None:
    assert vat_id("GR 094259216") == "EL094259216"
    assert [problem.code for problem in problems("GR 094259217")] == ["not-a-vat-id"]


@pytest.mark.parametrize("given", OF_ALL)
def test_a_digit_that_was_mistyped_is_noticed_where_the_check_digits_can(given: str) -> None:
    places = [place for place, each in enumerate(given) if each.isdigit() and place > 1]
    wrong = [f"{given[:at]}{(int(given[at]) + 1) % 10}{given[at + 1 :]}" for at in places]

    noticed = sum(bool(problems(each)) for each in wrong)

    assert noticed >= len(wrong) - 2  # the suffixes of some count branches


def _oracle(compact: str) -> bool:
    country, number = compact[:2], compact[2:]
    match country:
        case "GB" | "XI":
            return british.is_valid(number)
        case "NO":
            return mva.is_valid(f"{number.removesuffix('MVA')}MVA")
        case "CH":
            return swiss.is_valid(f"CH{number[:10]}MWST")
        case _:
            return eu.is_valid(compact)


def _some(pattern: str, chance: random.Random) -> str:
    """A text that the pattern takes: its classes and repetitions one by one."""
    pattern = chance.choice(pattern.split("|")) if "(" not in pattern else pattern.partition("(")[0]
    made = ""
    for kind, least in re.findall(r"(\[[^]]+\]|\\d|[A-Z])(?:\{(\d+)[^}]*\})?", pattern):
        options = [each for each in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if re.fullmatch(kind, each)]
        made += "".join(chance.choice(options) for _ in range(int(least or 1)))
    return made


@pytest.mark.parametrize("country", sorted(set(_RULES) - {"LV", "BG", "CZ"}))
def test_whatever_has_the_format_is_judged_as_by_another_program(country: str) -> None:
    chance = random.Random(country)  # noqa: S311 - the same in every run
    some = [f"{country}{_some(_RULES[country].pattern, chance)}" for _ in range(400)]

    differing = [each for each in some if is_possible(each) and not _oracle(each)]
    refused = [each for each in some if not is_possible(each) and _oracle(each)]

    assert refused == []
    assert differing == [] or country in MORE_IS_TAKEN


@pytest.mark.parametrize(
    ("typed", "compact"),
    [
        ("de 136 695 976", "DE136695976"),
        ("CHE-100.155.212 MWST", "CHE100155212MWST"),
        ("BE0428.759.497", "BE0428759497"),
    ],
)
def test_what_stands_between_the_digits_does_not_matter(typed: str, compact: str) -> None:
    assert vat_id(typed) == compact
    assert problems(typed) == []


@pytest.mark.parametrize(
    "other", [None, "", "21/815/08150", "12-3456789", "SIREN 303 265 045", "HRB 1234", "USt 7"]
)
def test_other_tax_ids_are_taken_as_they_are(other: str | None) -> None:
    assert vat_id(other) is None
    assert problems(other) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("DE136695977", "its check digits do not fit"),
        ("DE12345", "no VAT id of DE, which look like DE123456789"),
        ("EL12345", "no VAT id of GR, which look like EL123456789"),
        ("IT00000000000", "its check digits do not fit"),
        ("NL000000000B00", "its check digits do not fit"),
        ("DE１３６６９５９７６", ""),
    ],
)
def test_what_nobody_can_have_is_refused_with_the_reason(wrong: str, told: str) -> None:
    found = problems(wrong)

    assert [problem.code for problem in found] == (["not-a-vat-id"] if told else [])
    assert all(told in problem.message for problem in found)


def test_greece_has_letters_of_its_own() -> None:
    assert (country_of("EL094259216"), country_of("DE136695976")) == ("GR", "DE")
