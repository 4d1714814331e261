"""What stands on the paper, before it is placed there."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from domain.documents import InvoiceDocument
from domain.parties import Address, Contact
from domain.tax import Tax
from infrastructure.documents.printed import printed
from tests.documents import a_buyer, a_credit_note, a_line, a_seller, an_invoice

HOSTILE = "{number} {0} %s"


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [("1", "1.00"), ("1.5", "1.50"), ("0.1667", "0.1667"), ("1.500000", "1.50"), ("1000", "1,000.00")],
)
def test_the_quantity_is_the_one_that_was_multiplied_with_two_to_four_places(
    quantity: str, shown: str
) -> None:
    [line] = lines_of(an_invoice(lines=(a_line(quantity=Decimal(quantity)),)))

    assert line["quantity"] == shown


@pytest.mark.parametrize(
    ("price", "currency", "shown"),
    [
        ("95", "EUR", "95.00"),
        ("0.1250", "EUR", "0.1250"),
        ("9500", "JPY", "9,500"),
        ("120.5", "JPY", "120.5"),
        ("12.5", "KWD", "12.500"),
    ],
)
def test_a_price_keeps_its_precision_and_has_the_digits_of_its_currency(
    price: str, currency: str, shown: str
) -> None:
    [line] = lines_of(
        an_invoice(currency=currency, lines=(a_line(unit_price=Decimal(price), currency=currency),))
    )

    assert line["price"]["shown"] == shown


def test_quantities_of_one_unit_have_as_many_decimals_so_that_they_stand_in_line() -> None:
    quantities = [Decimal(quantity) for quantity in ("1", "0.1667", "1.125", "12")]
    hours = [a_line(quantity=quantity) for quantity in quantities]
    pages = a_line(quantity=Decimal(3), unit="page")

    shown = [line["quantity"] for line in lines_of(an_invoice(lines=(*hours, pages)))]

    assert shown == ["1.0000", "0.1667", "1.1250", "12.0000", "3.00"]


def test_the_decimal_separators_of_prices_stand_below_each_other() -> None:
    lines = tuple(a_line(unit_price=Decimal(price)) for price in ("9", "0.1667", "120.125"))

    prices = [line["price"] for line in lines_of(an_invoice(lines=lines))]

    assert {len((each["shown"] + each["hidden"]).partition(".")[2]) for each in prices} == {4}


def test_a_price_without_decimals_is_aligned_with_one_that_has_some() -> None:
    prices = [a_line(unit_price=Decimal(price), currency="JPY") for price in ("9500", "120.5")]

    assert [
        line["price"]["hidden"] for line in lines_of(an_invoice(currency="JPY", lines=tuple(prices)))
    ] == [".5", ""]


def test_without_tax_there_is_only_the_total() -> None:
    texts = printed(an_invoice())

    assert (texts["sums"], texts["total"]) == ([], ["Total", "EUR\u00a0498.75"])


def test_tax_stands_between_the_net_amount_and_the_total() -> None:
    texts = printed(an_invoice(tax=Tax(name="USt.", rate=Decimal("7.50")), language="de"))

    assert texts["sums"] == [["Nettobetrag", "498,75"], ["USt. 7,5\u00a0% auf 498,75", "37,41"]]
    assert texts["total"] == ["Gesamtbetrag", "536,16\u00a0EUR"]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (
            14,
            "Please pay EUR 498.75 by 14 November 2026 (14 days net), quoting the invoice number 2026-0042.",
        ),
        (1, "Please pay EUR 498.75 by 14 November 2026 (1 day net), quoting the invoice number 2026-0042."),
        (0, "Please pay EUR 498.75 on receipt, quoting the invoice number 2026-0042."),
    ],
)
def test_it_asks_for_the_payment_as_the_terms_are(days: int, sentence: str) -> None:
    assert str(printed(an_invoice(payment_terms_days=days))["payment"]).replace("\u00a0", " ") == sentence


def test_nobody_is_asked_to_pay_nothing() -> None:
    texts = printed(an_invoice(lines=(a_line(unit_price=Decimal(0)),)))

    assert (texts["payment"], texts["bank"]) == ("There is nothing to pay.", [])


def test_without_bank_details_there_are_none() -> None:
    assert printed(an_invoice(bank=None))["bank"] == []


def test_what_looks_like_a_gap_in_a_sentence_is_a_text_like_any_other() -> None:
    texts = printed(an_invoice(number=HOSTILE, tax=Tax(name=HOSTILE, rate=Decimal(1))))

    assert HOSTILE in str(texts["payment"])
    assert HOSTILE in str(texts["sums"])


@pytest.mark.parametrize(
    ("buyer", "seller", "han"), [("JP", "TW", "ja"), ("DE", "TW", "zh-TW"), ("DE", "DE", None)]
)
def test_chinese_characters_take_the_shape_of_the_client_s_country(
    buyer: str, seller: str, han: str | None
) -> None:
    document = an_invoice(
        buyer=a_buyer(address=in_country(buyer)), seller=a_seller(address=in_country(seller))
    )

    assert printed(document)["han"] == han


def test_a_name_too_long_for_the_line_of_the_return_address_ends_in_dots() -> None:
    texts = printed(an_invoice(seller=a_seller(name="Ada " * 75)))

    assert str(texts["return-address"]).endswith("Ada…")
    assert len(str(texts["footer"])) <= 90


def test_a_credit_note_says_which_invoice_it_corrects_and_asks_for_nothing() -> None:
    texts = printed(a_credit_note())

    assert texts["title"] == "Credit note CN-2026-0001"
    assert texts["facts"] == [
        ["Credit note number", "CN-2026-0001"],
        ["Date", "31 Oct 2026"],
        ["Corrects invoice", "2026-0041"],
        ["Invoice date", "30 Sep 2026"],
        ["Period", "1 Oct 2026 – 31 Oct 2026"],
    ]
    assert "of invoice 2026-0041 is credited" in str(texts["payment"])
    assert (texts["bank"], texts["code"]) == ([], None)


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("en", ["Your reference", "Your order"]),
        ("de", ["Ihre Referenz", "Ihre Bestellung"]),
        ("fr", ["Votre référence", "Votre commande"]),
        ("pl", ["Numer referencyjny", "Numer zamówienia"]),
    ],
)
@pytest.mark.parametrize("make", [an_invoice, a_credit_note])
def test_what_the_client_refers_to_stands_with_the_dates(make: Any, language: str, labels: list[str]) -> None:
    texts = printed(make(language=language, buyer_reference="04011000-06", order_reference="4500012345"))

    facts = texts["facts"]
    assert isinstance(facts, list)
    assert facts[-2:] == [[labels[0], "04011000-06"], [labels[1], "4500012345"]]


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        (None, [["", "ada@brandt.example"]]),
        (
            Contact(name="Nele Brandt", telephone="+49 40 123"),
            [["", "Nele Brandt"], ["Tel.", "+49 40 123"], ["", "ada@brandt.example"]],
        ),
        (Contact(email="nele@brandt.example"), [["", "nele@brandt.example"]]),
    ],
    ids=["nobody else", "a person", "another address"],
)
def test_below_the_seller_stands_whom_to_ask(contact: Contact | None, shown: list[list[str]]) -> None:
    seller = printed(an_invoice(seller=a_seller(contact=contact)))["seller"]

    assert isinstance(seller, dict)
    assert seller["details"] == [["VAT ID", "DE123456789"], *shown]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Reason: Billed twice"),
        ("de", "Grund der Korrektur: Billed twice"),
        ("fr", "Motif\u00a0: Billed twice"),
        ("pl", "Przyczyna korekty: Billed twice"),
    ],
)
def test_a_credit_note_says_why_in_the_words_of_the_person(language: str, told: str) -> None:
    assert printed(a_credit_note(reason="Billed twice", language=language))["reason"] == told


def test_where_nobody_said_why_the_paper_does_not_either() -> None:
    assert printed(a_credit_note())["reason"] is None


def test_a_line_of_several_days_shows_the_first_and_the_last() -> None:
    [line] = lines_of(an_invoice(lines=(a_line(until=dt.date(2026, 10, 30)),)))

    assert (line["date"], line["until"]) == ("1 Oct 2026 –", "30 Oct 2026")


def test_a_period_of_one_day_names_it_once() -> None:
    day = dt.date(2026, 10, 31)

    texts: Any = printed(an_invoice(period_start=day, period_end=day))

    assert ["Period", "31 Oct 2026"] in texts["facts"]


def test_a_timesheet_adds_up_each_unit() -> None:
    entries = (a_line(), a_line(1), a_line(unit="page", quantity=Decimal(3)))

    texts: Any = printed(an_invoice(timesheet=entries))["timesheet"]

    assert [line["description"] for line in texts["lines"]] == [entry.description for entry in entries]
    assert texts["sums"] == [["3.25", "h"], ["3.00", "page"]]


def test_zeros_that_a_quantity_is_stored_with_stand_neither_in_its_row_nor_in_the_sum() -> None:
    entries = (a_line(quantity=Decimal("1.5000")), a_line(quantity=Decimal("1.5000")))

    texts: Any = printed(an_invoice(timesheet=entries))["timesheet"]

    assert [line["quantity"] for line in texts["lines"]] == ["1.50", "1.50"]
    assert texts["sums"] == [["3.00", "h"]]


def test_a_sum_of_the_timesheet_has_the_decimals_of_what_it_adds_up() -> None:
    entries = (a_line(quantity=Decimal("0.3333")), a_line(quantity=Decimal("0.1667")))

    texts: Any = printed(an_invoice(timesheet=entries))["timesheet"]

    assert texts["sums"] == [["0.5000", "h"]]


def lines_of(document: InvoiceDocument) -> list[dict[str, Any]]:
    texts: dict[str, Any] = printed(document)
    lines: list[dict[str, Any]] = texts["lines"]
    return lines


def in_country(country: str) -> Address:
    return Address(street="1", city="2", country=country)
