import datetime as dt
import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import AccountDetails
from domain.archiving import Document
from domain.clients import ClientDetails
from domain.delivery import Delivery, Progress
from domain.errors import InvalidError, Problem
from domain.tax import Tax, TaxCategory
from domain.tokens import TokenDetails
from domain.totals import Adjustment
from domain.work import WorkDetails, WorkEntry
from infrastructure import codec
from tests.builders import (
    ADA,
    a_client,
    a_work_entry,
    an_account,
    an_invoice,
    an_invoice_id,
    an_issued_invoice,
    some_client_details,
    some_work,
)

TRAVEL = Adjustment(reason="Travel", amount=Decimal("25.00"), is_charge=True)
WORK = {"date": "2026-10-05", "description": "Analytical engine", "minutes": 60}
TOKEN = {"name": "Reports", "scopes": ["read"]}
CLIENT = codec.encode(some_client_details())
THINGS = {
    "account": an_account(),
    "client": a_client(tax=Tax(name="VAT", rate=Decimal("19.5")), invoice_day="last"),
    "work": a_work_entry(quantity=Decimal("1.50"), tags=("a", "b"), invoiced_on=dt.date(2026, 10, 31)),
    "taxed work": a_work_entry(
        tax=Tax(category=TaxCategory.REVERSE_CHARGE),
        adjustments=(Adjustment(reason="Loyal", percent=Decimal("2.5")), TRAVEL),
    ),
    "client with terms": a_client(
        adjustments=(TRAVEL,), prices_include_tax=True, round_to=Decimal("0.05"), tax=Tax(rate=Decimal(7))
    ),
    "open invoice": an_invoice(),
    "issued invoice": an_issued_invoice(total=100_00),
    "delivery": Delivery(
        invoice_id=an_invoice_id(),
        account_id=ADA,
        progress=Progress.SENT,
        document=Document(key="a/b.pdf", sha256="00"),
    ),
}


def problems(shape: type, plain: object, *, typed: bool = False) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as raised:
        codec.accept(shape, plain, typed=typed)
    return [(problem.pointer, problem.code) for problem in raised.value.problems]


@pytest.mark.parametrize("thing", THINGS.values(), ids=THINGS)
def test_everything_comes_back_as_it_went(thing: object) -> None:
    stored = json.loads(json.dumps(codec.encode(thing)))

    assert codec.decode(type(thing), stored) == thing


@given(
    quantity=st.decimals(Decimal("0.0001"), 10**6, places=4),
    rate=st.decimals(0, 10**9, places=4),
    date=st.dates(dt.date(1970, 1, 1), dt.date(2200, 12, 31)),
    description=st.text(min_size=1, max_size=50),
)
def test_any_work_comes_back_to_the_last_digit(
    quantity: Decimal, rate: Decimal, date: dt.date, description: str
) -> None:
    try:
        entry = a_work_entry(quantity=quantity, rate=rate, date=date, description=description)
    except InvalidError:
        return

    again = codec.decode(WorkEntry, json.loads(json.dumps(codec.encode(entry))))

    assert (again, str(again.rate)) == (entry, str(entry.rate))


def test_decimals_and_dates_are_text_and_nothing_stands_for_none() -> None:
    encoded = codec.encode(some_work(rate=Decimal("12.50")))

    assert encoded == {
        "date": "2026-10-05",
        "description": "Analytical engine",
        "minutes": 60,
        "rate": "12.50",
        "tags": [],
        "billable": True,
        "adjustments": [],
    }


def test_what_we_wrote_may_have_fields_of_a_newer_version() -> None:
    assert codec.decode(WorkDetails, WORK | {"mood": "good"}) == some_work()


def test_what_is_not_of_the_shape_cannot_be_read() -> None:
    with pytest.raises(codec.UnreadableError, match="no WorkDetails: /description"):
        codec.decode(WorkDetails, {"date": "2026-10-05"})


def test_what_people_send_is_accepted_where_it_is_whole() -> None:
    assert codec.accept(WorkDetails, WORK | {"rate": "12.50", "tags": ["a"]}) == some_work(
        rate=Decimal("12.50"), tags=("a",)
    )
    assert codec.accept(ClientDetails, CLIENT) == some_client_details()


@pytest.mark.parametrize("plain", [None, [], "text", 1])
def test_only_an_object_is_accepted(plain: object) -> None:
    assert problems(WorkDetails, plain) == [("", "not-an-object")]


def test_unknown_fields_are_refused_wherever_they_stand() -> None:
    address = CLIENT["address"] | {"planet": "Earth"}

    assert sorted(problems(ClientDetails, CLIENT | {"nickname": "A", "address": address})) == [
        ("/address/planet", "unknown-field"),
        ("/nickname", "unknown-field"),
    ]


def test_what_is_wrong_in_a_list_is_told_where_it_stands() -> None:
    loyal = {"reason": "Loyal", "percent": "10", "forever": True}
    travel = {"reason": "Travel", "amount": "1e3"}

    assert problems(WorkDetails, WORK | {"adjustments": [loyal, travel]}) == [
        ("/adjustments/0/forever", "unknown-field"),
        ("/adjustments/1/amount", "not-a-number"),
    ]


def test_a_field_of_the_stored_thing_cannot_be_slipped_in() -> None:
    assert problems(WorkDetails, WORK | {"invoiced_on": "2026-10-31", "version": 7}) == [
        ("/invoiced_on", "unknown-field"),
        ("/version", "unknown-field"),
    ]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"rate": 12.5}, "/rate"),
        ({"minutes": 60.0}, "/minutes"),
        ({"rate": float("nan")}, "/rate"),
        ({"tags": ["a", 1.5]}, "/tags/1"),
    ],
)
def test_a_number_with_a_point_has_to_be_text(told: dict[str, Any], place: str) -> None:
    assert problems(WorkDetails, WORK | told) == [(place, "float")]


@pytest.mark.parametrize("told", ["1764115200", "20261005", "0", "-1764115200.5", "1e9"])
def test_seconds_are_no_date(told: str) -> None:
    assert problems(WorkDetails, WORK | {"date": told}) == [("/date", "not-a-date")]
    assert problems(TokenDetails, TOKEN | {"expires_at": told}) == [("/expires_at", "not-an-instant")]


def test_what_is_no_number_is_never_asked_to_be_a_float() -> None:
    with pytest.raises(InvalidError) as refused:
        codec.accept(WorkDetails, WORK | {"rate": True})

    assert refused.value.problems == (Problem("/rate", "not-a-number", "must be a number such as 12.50"),)


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"minutes": True}, "/minutes"),
        ({"minutes": "60"}, "/minutes"),
        ({"date": 86_400}, "/date"),
        ({"date": "2026-10-32"}, "/date"),
        ({"date": "05.10.2026"}, "/date"),
        ({"billable": "yes"}, "/billable"),
        ({"billable": 1}, "/billable"),
        ({"description": 7}, "/description"),
        ({"tags": "a"}, "/tags"),
        ({"rate": "NaN"}, "/rate"),
        ({"rate": "twelve"}, "/rate"),
        ({"rate": "1_000"}, "/rate"),
        ({"rate": " 5"}, "/rate"),
        ({"rate": "5\n"}, "/rate"),
        ({"rate": "٥"}, "/rate"),
        ({"rate": "9" * 60_000}, "/rate"),
        ({"rate": "0." + "9" * 60_000}, "/rate"),
        ({"rate": "1e2"}, "/rate"),
        ({"rate": "+5"}, "/rate"),
        ({"rate": ".5"}, "/rate"),
        ({"rate": "1e9999999999"}, "/rate"),
        ({"rate": "1e-999999999"}, "/rate"),
        ({"rate": True}, "/rate"),
    ],
)
def test_nothing_is_guessed(told: dict[str, Any], place: str) -> None:
    assert [pointer for pointer, _ in problems(WorkDetails, WORK | told)] == [place]


def test_what_was_typed_is_text_wherever_it_stands() -> None:
    typed = WORK | {"minutes": "60", "rate": "12.50"}

    assert codec.accept(WorkDetails, typed, typed=True) == some_work(rate=Decimal("12.50"))


def test_all_that_is_wrong_is_told_at_once_each_in_its_place() -> None:
    told = {
        "name": "",
        "email": "ada",
        "address": {"street": "", "country": "Germany", "city": "Berlin"},
        "currency": "EURO",
        "time_zone": "Berlin",
        "mood": "good",
    }

    found = problems(AccountDetails, told)

    assert ("/mood", "unknown-field") in found
    assert {pointer for pointer, _ in found} >= {"/address/street", "/address/country"}


def test_rules_of_the_whole_are_told_once_its_parts_are_right() -> None:
    told = CLIENT | {"name": "", "invoice_day": 32, "hourly_rate": "-1"}

    assert problems(ClientDetails, told) == [
        ("/name", "empty"),
        ("/hourly_rate", "out-of-range"),
        ("/invoice_day", "not-an-invoice-day"),
    ]


def test_where_two_shapes_are_possible_there_is_one_problem() -> None:
    with pytest.raises(InvalidError) as raised:
        codec.accept(ClientDetails, CLIENT | {"invoice_day": "first"})

    (problem,) = raised.value.problems
    assert problem.pointer == "/invoice_day"
    assert "'last'" in problem.message
    assert "integer" in problem.message


def test_text_is_kept_in_its_composed_form_whoever_sent_it() -> None:
    details = codec.accept(WorkDetails, WORK | {"description": "Zo\u0308e", "tags": ["e\u0301"]})
    typed = codec.accept(WorkDetails, WORK | {"description": "Zo\u0308e"}, typed=True)

    assert (details.description, details.tags, typed.description) == ("Zöe", ("é",), "Zöe")


def test_what_has_too_many_entries_is_not_looked_at() -> None:
    assert problems(WorkDetails, WORK | {"tags": [""] * 20_000, "mood": 1.5}) == [("/tags", "too-many")]
    assert problems(WorkDetails, {str(number): 1 for number in range(5_000)}) == [("", "too-many")]


@pytest.mark.parametrize("shape", [WorkDetails, ClientDetails, AccountDetails])
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**99])
def test_no_field_takes_an_integer_beyond_64_bits(shape: type, number: int) -> None:
    names = [field.name for field in fields(shape)]

    found = problems(shape, dict.fromkeys(names, number))

    assert [place for place, code in found if code == "out-of-range"] == [f"/{name}" for name in names]


def test_a_number_may_have_as_many_digits_as_anybody_needs() -> None:
    for text in ("12.50", "0", "0.0001", "0" * 98 + "12"):
        assert codec.accept(WorkDetails, WORK | {"rate": text}).rate == Decimal(text)


@pytest.mark.parametrize("text", ["-0", "-0.00"])
@pytest.mark.parametrize("typed", [True, False])
def test_there_is_no_zero_below_zero(text: str, typed: bool) -> None:
    with pytest.raises(InvalidError) as refused:
        codec.accept(WorkDetails, WORK | {"minutes": "60"} | {"rate": text}, typed=typed)

    assert Problem("/rate", "not-a-number", "must be a number such as 12.50") in refused.value.problems


def test_a_name_is_told_as_a_json_pointer() -> None:
    address = CLIENT["address"] | {"/": 1}

    assert sorted(problems(ClientDetails, CLIENT | {"a/b~c": 1, "address": address})) == [
        ("/address/~1", "unknown-field"),
        ("/a~1b~0c", "unknown-field"),
    ]


@pytest.mark.parametrize("day", ["01.10.2026", "2026-13-01", 7, None])
@pytest.mark.parametrize("typed", [True, False])
def test_tells_what_a_date_looks_like(day: object, typed: bool) -> None:
    with pytest.raises(InvalidError) as refused:
        codec.accept(WorkDetails, WORK | {"date": day}, typed=typed and day != 7)

    assert [problem.message for problem in refused.value.problems] == ["must be a date such as 2026-10-31"]


def test_names_all_words_that_may_stand_somewhere() -> None:
    with pytest.raises(InvalidError) as refused:
        codec.accept(ClientDetails, CLIENT | {"grouping": "week"})

    assert [problem.message for problem in refused.value.problems] == ["must be one of entry, day, project"]
