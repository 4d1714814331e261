import datetime as dt

import pytest

from domain.numbers import Sequence, formatted, series_of
from tests.builders import ADA

OCTOBER_31 = dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("pattern", "number", "printed"),
    [
        ("{year}-{seq:04}", 7, "2026-0007"),
        ("{seq}", 7, "7"),
        ("INV/{year}/{month}/{seq:02}", 7, "INV/2026/10/07"),
        ("{seq:04}", 9_999, "9999"),
        ("{seq:04}", 10_000, "10000"),  # never cut
    ],
)
def test_a_number_is_printed_as_its_pattern_says(pattern: str, number: int, printed: str) -> None:
    assert formatted(pattern, number, OCTOBER_31) == printed


def test_a_pattern_with_the_year_starts_anew_each_year() -> None:
    assert series_of("{year}-{seq}", OCTOBER_31) == "2026-{seq}"
    assert series_of("{year}-{seq}", dt.date(2027, 1, 1)) == "2027-{seq}"
    assert series_of("{seq}", OCTOBER_31) == series_of("{seq}", dt.date(2027, 1, 1))


def test_patterns_that_print_alike_share_a_series_so_that_no_number_is_printed_twice() -> None:
    assert series_of("2026-{seq:04}", OCTOBER_31) == series_of("{year}-{seq:04}", OCTOBER_31)
    assert series_of("{year}-{seq:04}", OCTOBER_31) == series_of("{year}-{seq}", OCTOBER_31)
    assert series_of("A{seq}", OCTOBER_31) != series_of("B{seq}", OCTOBER_31)


def test_a_new_series_begins_with_one() -> None:
    first = Sequence(account_id=ADA, series="INVOICES").next(OCTOBER_31)

    assert first == Sequence(account_id=ADA, series="INVOICES", last=1, last_issued_on=OCTOBER_31)


def test_dates_never_descend_even_when_a_clock_is_behind() -> None:
    sequence = Sequence(account_id=ADA, series="INVOICES", last=41, last_issued_on=OCTOBER_31)

    following = sequence.next(OCTOBER_31 - dt.timedelta(days=1))

    assert (following.last, following.last_issued_on) == (42, OCTOBER_31)


def test_the_date_goes_on_with_the_days() -> None:
    sequence = Sequence(account_id=ADA, series="INVOICES", last=41, last_issued_on=OCTOBER_31)

    following = sequence.next(OCTOBER_31 + dt.timedelta(days=1))

    assert (following.last, following.last_issued_on) == (42, dt.date(2026, 11, 1))
