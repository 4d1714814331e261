import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import pytest

from domain import checks
from domain.errors import InvalidError, Problem


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidError) as raised:
        checks.require(
            checks.text("name", " ", longest=10),
            checks.email("email", "ada"),
            checks.number("rate", Decimal(5), least=0, most=10),
            checks.number("minutes", -1, least=0, most=10),
        )

    assert [problem.pointer for problem in raised.value.problems] == ["/name", "/email", "/minutes"]
    assert "/email: must be one e-mail address such as ada@example.com" in str(raised.value)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("Ada", []),
        ("李雷 أدا👩‍💻", []),
        ("", ["empty"]),
        (" \u00a0", ["empty"]),
        ("\u200b\u200f\u2060", ["empty"]),  # nothing that anybody would see
        ("e" + "\u0301" * 8, []),
        ("e" + "\u0301" * 9, ["stacked-marks"]),  # covers what stands above it
        ("12345678901", ["too-long"]),
        ("a\nb", ["control-character"]),
        ("a\x00", ["control-character"]),
        ("a\ud800", ["control-character"]),
        ("1\u202e2", ["control-character"]),  # prints 12 as 21
        ("\n" * 11, ["empty", "too-long", "control-character"]),
    ],
)
def test_text_is_printable_and_of_a_sensible_length(value: str, wrong: list[str]) -> None:
    assert codes(checks.text("name", value, longest=10)) == wrong


def test_text_may_have_lines_where_it_says_so() -> None:
    assert codes(checks.text("notes", "a\nb", longest=10, lines=True)) == []
    assert codes(checks.text("notes", "a\rb", longest=10, lines=True)) == ["control-character"]


def test_text_that_may_be_missing_is_checked_when_it_is_there() -> None:
    assert codes(checks.optional_text("city", None, longest=3)) == []
    assert codes(checks.optional_text("city", "Bonn", longest=3)) == ["too-long"]


@pytest.mark.parametrize(
    "value", ["ada@example.com", "a.b+c@sub.example.co", "a_b-c@xn--mller-kva.example", "o'neill@example.org"]
)
def test_an_address_that_a_mail_header_can_carry_is_an_email(value: str) -> None:
    assert codes(checks.email("email", value)) == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "ada",
        "ada@localhost",
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\nBcc: bob@example.com",
        "ada@@example.com",
        "ädä@example.com",
        "ada..b@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "ada[b@example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@[192.0.2.1]",
        "=?utf-8?q?bob?=@example.com",
        "a\x00da@example.com",
        "a\x7fda@example.com",
        "a" * 250 + "@b.de",
    ],
)
def test_anything_else_is_not_an_email(value: str) -> None:
    assert codes(checks.email("email", value)) == ["not-an-email"]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("0", []),
        ("10", []),
        ("1.2500", []),  # zeros at the end add no precision
        ("0.0000", []),
        ("0E-999999", ["too-precise"]),
        ("1E+1", []),
        ("10.01", ["out-of-range"]),
        ("-0.01", ["out-of-range"]),
        ("1.234", ["too-precise"]),
        ("1.0000000000000000000000000000000001", ["too-precise"]),  # more digits than a context keeps
        ("1E-999999", ["too-precise"]),
        ("NaN", ["not-a-number"]),
        ("sNaN", ["not-a-number"]),
        ("Infinity", ["not-a-number"]),
    ],
)
def test_a_number_is_finite_within_bounds_and_not_too_precise(value: str, wrong: list[str]) -> None:
    assert codes(checks.number("rate", Decimal(value), least=0, most=10, digits=2)) == wrong


@pytest.mark.parametrize(
    ("year", "wrong"), [(1969, ["out-of-range"]), (1970, []), (2200, []), (2201, ["out-of-range"])]
)
def test_a_date_is_one_of_our_times(year: int, wrong: list[str]) -> None:
    assert codes(checks.date("date", dt.date(year, 1, 1))) == wrong


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Atlantic/Azores", "UTC"])
def test_a_zone_of_the_iana_database_is_known(zone: str) -> None:
    assert codes(checks.time_zone("time_zone", zone)) == []


@pytest.mark.parametrize(
    "zone", ["", "Europe", "Berlin", "+02:00", "../../etc/passwd", "/etc/localtime", "a\x00b", "Mars/Phobos"]
)
def test_anything_else_is_not_a_zone(zone: str) -> None:
    assert codes(checks.time_zone("time_zone", zone)) == ["unknown-time-zone"]
