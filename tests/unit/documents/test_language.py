"""What each language's file must hold, and how numbers, dates and money come out of it."""

import datetime as dt
from decimal import Decimal
from string import Formatter

import pytest

from domain.parties import LANGUAGES
from infrastructure.documents.language import speak

OCTOBER = dt.date(2026, 10, 1)
SECTIONS = (
    *("labels", "sentences", "categories", "reasons", "days", "dates", "numbers", "units", "mail"),
    "countries",
)
LETTERS = ("invoice", "credit_note", "reminder")


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_everything(code: str, section: str) -> None:
    english, language = getattr(speak("en"), section), getattr(speak(code), section)

    assert set(language) == set(english)
    assert all(language.values())


@pytest.mark.parametrize("section", ["sentences", "days", "mail"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_sentence_has_the_same_gaps_in_every_language(code: str, section: str) -> None:
    english, language = getattr(speak("en"), section), getattr(speak(code), section)

    assert {name: gaps(text) for name, text in language.items()} == {
        name: gaps(text) for name, text in english.items()
    }


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_letter_says_everything_in_every_language(code: str, letter: str) -> None:
    english, language = speak("en").letters[letter], speak(code).letters[letter]

    assert {name: gaps(text) for name, text in language.items()} == {
        name: gaps(text) for name, text in english.items()
    }


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_year_has_twelve_months(code: str) -> None:
    dates = speak(code).dates

    assert len(set(dates["months"])) == len(set(dates["abbreviations"])) == 12


@pytest.mark.parametrize(
    ("code", "euro", "yen", "dinar"),
    [
        ("en", "EUR 1,234,567.89", "JPY 9,500", "KWD 1.250"),
        ("de", "1.234.567,89 EUR", "9.500 JPY", "1,250 KWD"),
        ("fr", "1\u202f234\u202f567,89 EUR", "9\u202f500 JPY", "1,250 KWD"),
        ("pl", "1 234 567,89 EUR", "9 500 JPY", "1,250 KWD"),
    ],
)
def test_money_has_the_digits_of_its_currency_and_the_separators_of_the_language(
    code: str, euro: str, yen: str, dinar: str
) -> None:
    language = speak(code)

    amounts = [(123_456_789, "EUR"), (9_500, "JPY"), (1_250, "KWD")]

    assert [plain(language.money(minor, currency=currency)) for minor, currency in amounts] == [
        euro,
        yen,
        dinar,
    ]


def test_nothing_of_an_amount_can_slip_to_the_next_line() -> None:
    assert not any(" " in speak(code).money(123_456_789, currency="EUR") for code in LANGUAGES)


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        ("1.5", 2, "1.50"),
        ("0.1667", 2, "0.1667"),
        ("0.1250", 2, "0.1250"),
        ("95", 0, "95"),
        ("1E+3", 2, "1,000.00"),
        ("-1234.5", 2, "−1,234.50"),
        ("999999999999999999999999999999.99", 2, "999,999,999,999,999,999,999,999,999,999.99"),
    ],
)
def test_a_number_has_at_least_so_many_places_and_is_never_rounded(
    value: str, places: int, written: str
) -> None:
    assert speak("en").number(Decimal(value), places=places) == written


@pytest.mark.parametrize(
    ("code", "first", "short"),
    [
        ("en", "1 October 2026", "1 Oct 2026"),
        ("de", "1. Oktober 2026", "01.10.2026"),
        ("fr", "1er octobre 2026", "01/10/2026"),
        ("pl", "1 października 2026 r.", "01.10.2026"),
    ],
)
def test_dates_are_written_as_people_write_them(code: str, first: str, short: str) -> None:
    assert (speak(code).long_date(OCTOBER), speak(code).short_date(OCTOBER)) == (first, short)


@pytest.mark.parametrize(("code", "rate"), [("en", "7.5%"), ("de", "7,5 %"), ("fr", "7,5 %"), ("pl", "7,5%")])
def test_a_rate_has_the_digits_that_it_needs(code: str, rate: str) -> None:
    assert plain(speak(code).percent(Decimal("7.500"))) == rate


def test_a_hundred_percent_is_not_written_as_a_power_of_ten() -> None:
    assert speak("en").percent(Decimal(100)) == "100%"


@pytest.mark.parametrize(("days", "written"), [(1, "1 Tag"), (14, "14 Tage")])
def test_days_are_counted(days: int, written: str) -> None:
    assert speak("de").span_of_days(days) == written


def test_a_unit_without_an_abbreviation_is_written_as_it_was_given() -> None:
    assert [speak("de").unit(unit) for unit in ("hour", "month", "Seite")] == ["Std.", "Mon.", "Seite"]


def test_a_country_is_written_in_capitals_and_by_its_code_where_it_has_no_name() -> None:
    assert [speak("fr").country(code) for code in ("DE", "ZZ")] == ["ALLEMAGNE", "ZZ"]


def gaps(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")
