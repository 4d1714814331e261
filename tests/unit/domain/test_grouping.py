"""Several entries on one line: what is printed can always be recomputed, and nothing gets lost."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import DocumentLine, Grouping
from domain.grouping import ROUNDING, grouped
from domain.money import amount
from domain.printing import document_of
from domain.tax import Tax
from domain.totals import Applied
from tests.builders import a_client, a_work_entry, an_issued_invoice
from tests.documents import a_line

VAT_19, VAT_7 = Tax(rate=Decimal(19)), Tax(rate=Decimal(7))
TEN_MINUTES = Decimal("0.1667")

days = st.dates(dt.date(2026, 10, 1), dt.date(2026, 10, 5))
entries = st.lists(
    st.builds(
        lambda date, hours, price, project, tax: on(
            date.day, quantity=hours, unit_price=price, project=project, tax=tax
        ),
        days,
        st.integers(1, 600).map(lambda minutes: (Decimal(minutes) / 60).quantize(Decimal("0.0001"))),
        st.sampled_from([Decimal(95), Decimal("87.35"), Decimal("0.015")]),
        st.sampled_from(["Website", "Booking", None]),
        st.sampled_from([VAT_19, VAT_7]),
    ),
    max_size=40,
).map(lambda lines: sorted(lines, key=lambda line: line.date))


def on(day: int, **changes: Any) -> DocumentLine:
    return a_line(date=dt.date(2026, 10, day), **changes)


def grouped_by(grouping: Grouping, *lines: DocumentLine) -> list[DocumentLine]:
    return list(grouped(lines, grouping, currency="EUR"))


def test_per_entry_each_entry_is_a_line() -> None:
    lines = [on(1), on(1), on(2)]

    assert grouped_by(Grouping.ENTRY, *lines) == lines


def test_a_day_is_one_line_that_says_all_that_was_done_each_thing_once() -> None:
    lines = [on(1, description=done, project="Website") for done in ("Design", "Review", "Design")]

    [line] = grouped_by(Grouping.DAY, *lines)

    assert line == on(1, description="Design\nReview", project="Website", quantity=Decimal("4.5"))


def test_the_line_of_a_day_names_no_project_where_there_were_two() -> None:
    [line] = grouped_by(Grouping.DAY, on(1, project="Website"), on(1, project="Booking"))

    assert line.project is None


def test_a_project_is_one_line_from_its_first_day_to_its_last() -> None:
    lines = [on(day, project="Website", quantity=Decimal(day)) for day in (1, 3, 8)]

    [line] = grouped_by(Grouping.PROJECT, *lines)

    assert line == replace(
        on(1, description="Website", project=None, quantity=Decimal(12)), until=dt.date(2026, 10, 8)
    )


def test_projects_stand_as_they_were_begun_and_work_of_none_stays_as_it_is_at_the_end() -> None:
    lines = [on(1, project=None), on(1, project="Website"), on(2, project="Booking"), on(3, project=None)]
    more = [on(4, project="Website")]

    found = grouped_by(Grouping.PROJECT, *lines, *more)

    assert [(line.description, line.date.day) for line in found] == [
        ("Website", 1),
        ("Booking", 2),
        (lines[0].description, 1),
        (lines[0].description, 3),
    ]


@pytest.mark.parametrize("other", [{"unit_price": Decimal("0.002")}, {"unit": "page"}, {"tax": VAT_7}])
def test_what_has_another_price_unit_or_tax_has_a_line_of_its_own(other: dict[str, Any]) -> None:
    line = on(1, project="Website", tax=VAT_19, quantity=Decimal(1), unit_price=Decimal("0.001"))

    assert len(grouped_by(Grouping.PROJECT, line, replace(line, **other))) == 2


def test_a_line_with_an_allowance_of_its_own_stands_alone() -> None:
    reduced = replace(on(1), adjustments=(Applied(reason="Loyalty", amount=100),))

    assert grouped_by(Grouping.DAY, reduced, reduced, on(1)) == [reduced, reduced, on(1)]


@pytest.mark.parametrize(
    ("price", "amount_of_one", "difference"),
    [
        ("95", 15_84, Applied(reason=ROUNDING, amount=1, is_charge=True)),  # 3 × 0.1667 × 95 = 47.5095
        ("90", 15_00, Applied(reason=ROUNDING, amount=1)),  # 3 × 0.1667 × 90 = 45.009
        ("100", 16_67, None),
    ],
)
def test_the_cents_between_the_entries_and_their_sum_are_said(
    price: str, amount_of_one: int, difference: Applied | None
) -> None:
    one = on(1, project="Website", quantity=TEN_MINUTES, unit_price=Decimal(price))

    [line] = grouped_by(Grouping.PROJECT, one, one, one)

    assert one.amount == amount_of_one
    assert (line.quantity, line.amount) == (3 * TEN_MINUTES, 3 * amount_of_one)
    assert line.adjustments == ((difference,) if difference else ())


@given(entries, st.sampled_from(Grouping))
@settings(max_examples=50, deadline=None)
def test_every_line_is_its_quantity_times_its_price_and_together_they_cost_what_the_entries_cost(
    lines: list[DocumentLine], grouping: Grouping
) -> None:
    found = grouped_by(grouping, *lines)

    assert [line.amount for line in found] == [recomputed(line) for line in found]
    assert sums(found) == sums(lines)
    assert len(found) <= len(lines)


def test_an_invoice_is_grouped_as_the_client_wanted_it_when_it_was_issued() -> None:
    client = a_client(grouping=Grouping.DAY, timesheet=True)
    work = [a_work_entry(client=client, description=done) for done in ("Design", "Review")]

    document = document_of(an_issued_invoice(client), work)

    assert [line.description for line in document.lines] == ["Design\nReview"]
    assert [line.description for line in document.timesheet] == ["Design", "Review"]


def recomputed(line: DocumentLine) -> int:
    product = amount(line.quantity, line.unit_price, currency="EUR")
    return product + sum(each.signed for each in line.adjustments)


def sums(lines: list[DocumentLine]) -> Counter[tuple[object, ...]]:
    """Amounts, net amounts and quantities of each price and tax."""
    found: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        for name in ("amount", "net", "quantity"):
            found[name, line.unit, line.unit_price, line.tax] += getattr(line, name)
    return found
