import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import identifiers
from domain.errors import NotFoundError
from domain.identifiers import InvoiceId, WorkId
from tests.builders import ACME

bodies = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=16, max_size=16)


@given(client=bodies, body=bodies)
def test_a_work_entry_tells_its_client(client: str, body: str) -> None:
    work = identifiers.work_id(identifiers.client_id(client), body)

    assert identifiers.client_of_work(work) == f"cli_{client}"


@given(client=bodies, due_on=st.dates(dt.date(1970, 1, 1), dt.date(2200, 12, 31)))
def test_an_invoice_tells_its_client_and_its_due_date(client: str, due_on: dt.date) -> None:
    invoice = identifiers.invoice_id(identifiers.client_id(client), due_on)

    assert identifiers.invoice_parts(invoice) == (f"cli_{client}", due_on)


@pytest.mark.parametrize(
    "value", ["", "acme", "cli_", "cli_ACME000000000000", "cli_acme", f"{ACME}0", f"{ACME}\n"]
)
def test_what_has_not_the_form_of_a_client_is_not_there(value: str) -> None:
    with pytest.raises(NotFoundError):
        identifiers.known_client(value)


def test_what_has_the_form_of_a_client_may_be_one() -> None:
    assert identifiers.known_client("cli_acme000000000000") == ACME


@pytest.mark.parametrize(
    "value", ["", "wrk_", "wrk_acme000000000000", "cli_acme000000000000", "wrk_" + "A" * 32]
)
def test_what_has_not_the_form_of_a_work_entry_is_not_there(value: str) -> None:
    with pytest.raises(NotFoundError):
        identifiers.client_of_work(WorkId(value))


@pytest.mark.parametrize("day", ["20261301", "20260230", "2026103", "00000000", "2026-10-", "٢٠٢٦١٠٣١"])
def test_an_invoice_of_no_day_is_not_there(day: str) -> None:
    with pytest.raises(NotFoundError):
        identifiers.invoice_parts(InvoiceId(f"inv_acme000000000000{day}"))


def test_a_digest_is_the_same_for_the_same_parts_only() -> None:
    assert identifiers.digest("a", "b") == identifiers.digest("a", "b")
    assert (
        len({identifiers.digest(*parts) for parts in [("a", "b"), ("ab",), ("b", "a"), ("a", "b", "")]}) == 4
    )


def test_a_digest_is_the_same_for_ever() -> None:
    """The ids of imported work are made of it: with another one, every import would add everything again."""
    assert identifiers.digest("2026-10-05", "1") == "sqd52x3afj2fw737"


@given(st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_encoded_numbers_sort_like_the_numbers(one: int, other: int) -> None:
    encoded = (identifiers.encode(one, length=16), identifiers.encode(other, length=16))

    assert (encoded[0] < encoded[1]) == (one < other)
    assert {len(each) for each in encoded} == {16}
