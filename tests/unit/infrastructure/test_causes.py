import json

import pytest

from domain.errors import NotFoundError
from domain.recomputing import InvoiceDiffersError
from infrastructure.causes import cause_of, redacted

BODY = json.dumps(
    {
        "id": "00000000000000000000000000000001",
        "type": "invoicely.client.changed.v1",
        "data": {
            "id": "cli_acme000000000000",
            "name": "Acme GmbH",
            "email": "billing@acme.example",
            "address": {"street": "Unter den Linden 2", "country": "DE"},
            "state": "issued",
            "tags": ["Zoë"],
            "tax_id": "IRS-X",
        },
    }
)


def test_a_cause_says_what_was_raised_where_and_with_which_code() -> None:
    with pytest.raises(NotFoundError) as caught:
        raise NotFoundError("there is no invoice inv_acme00000000000020261031")

    cause = cause_of(caught.value, BODY)

    assert (cause.error, cause.code) == ("NotFoundError", "not-found")
    assert cause.message == "there is no invoice inv_acme00000000000020261031"


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (
            "inv_acme00000000000020261031 is issued, not open",
            "inv_acme00000000000020261031 is issued, not open",
        ),
        (
            "invoicely.work.logged.v2 is newer than this code",
            "invoicely.work.logged.v2 is newer than this code",
        ),
        ("Acme GmbH owes 1,234.50 EUR", "… owes … EUR"),
        ("no such street: Unter den Linden 2!", "no such street: …!"),
        ("could not convert string to float: 'Jane'", "could not convert string to float: …"),
        ('unknown name "Jane Doe" for jane@doe.example', "unknown name … for …"),
        ("IRS-X is unknown", "… is unknown"),
        ("Zoë is in\n  two lines", "… is in two lines"),
        ("due 2026-10-31 at 08:00", "due … at …"),
    ],
)
def test_ids_and_words_of_ours_stay_and_names_addresses_and_amounts_go(message: str, kept: str) -> None:
    assert redacted(message, BODY) == kept


def test_a_long_message_is_cut() -> None:
    assert redacted("word " * 100, "?").endswith("…")
    assert len(redacted("word " * 100, "?")) == 300


@pytest.mark.parametrize("body", ["?", "[1]", "7", "[" * 100_000])
def test_any_body_will_do(body: str) -> None:
    assert redacted("it failed", body) == "it failed"


def test_the_numbers_by_which_two_computations_differ_are_kept() -> None:
    error = InvoiceDiffersError("inv_a differs: gross is 11901, recomputed 11900")

    assert cause_of(error, "{}").message == "inv_a differs: gross is 11901, recomputed 11900"
    assert "11900" not in cause_of(ValueError("gross is 11900"), "{}").message
