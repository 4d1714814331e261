import json
from decimal import Decimal

import pytest

from handlers.cli.output import Output, days, price, print_table

COLUMNS = ("Client", "Month", ">Hours", ">Billable", "Id")
ROWS = [
    ("Bäckerei Süßmilch GmbH", "2026-10", "70:39", "7,222.84 EUR", "inv_01m8a4p201v5gkgc20261101"),
    ("All", "", "70:39", "7,222.84 EUR", ""),
]


def test_a_table_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, ROWS)

    head, _, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["Client", "Month", "Hours", "Billable", "Id"]
    assert first.split() == " ".join(ROWS[0]).split()
    assert second.split() == ["All", "70:39", "7,222.84", "EUR"]


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        ("92.5", "EUR", "92.50 EUR"),
        ("12.3456", "KWD", "12.3456 KWD"),
        ("9500", "JPY", "9,500 JPY"),
        ("100.000", "USD", "100.00 USD"),
    ],
)
def test_a_price_has_the_digits_of_its_currency_and_as_many_more_as_it_needs(
    value: str, currency: str, shown: str
) -> None:
    assert price(Decimal(value), currency) == shown


def test_one_day_is_no_days() -> None:
    assert [days(count) for count in (0, 1, 14)] == ["0 days", "1 day", "14 days"]


def test_where_a_table_does_not_fit_each_row_is_a_paragraph_in_which_nothing_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.cli.output.WIDTH_OF_A_PIPE", 50)

    print_table(COLUMNS, ROWS)

    assert capsys.readouterr().out.splitlines() == [
        "Bäckerei Süßmilch GmbH",
        "  Month 2026-10 · Hours 70:39 ·",
        "  Billable 7,222.84 EUR ·",
        "  Id inv_01m8a4p201v5gkgc20261101",
        "All",
        "  Hours 70:39 · Billable 7,222.84 EUR",
    ]


def test_json_says_what_steers_a_terminal_and_half_a_character_by_their_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = {"name": "Ä\x1b\x9b\u202e\ud83d\nb"}

    Output(as_json=True).record(said)

    told = capsys.readouterr().out
    assert told == '{\n  "name": "Ä\\u001b\\u009b\\u202e\\ud83d\\nb"\n}\n'
    assert json.loads(told) == said
