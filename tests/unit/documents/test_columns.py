"""How the columns share the page, and which rows have a height that is known."""

from decimal import Decimal
from typing import Any

import pytest

from domain.documents import DocumentLine
from domain.tax import Tax
from domain.totals import Applied
from infrastructure.documents.columns import MILLIMETRE, WHOLE
from infrastructure.documents.metrics import CAPITAL
from infrastructure.documents.printed import printed
from tests.documents import a_line, an_invoice

ONE_LINE = 9 * CAPITAL
RUSH = Applied(reason="Rush", amount=25_00, is_charge=True)


def test_the_columns_fill_the_page_and_the_description_gets_what_is_left() -> None:
    few = printed_with(a_line())
    large = printed_with(a_line(unit_price=Decimal(950_000)))

    assert sum(few["widths"]) == pytest.approx(WHOLE)
    assert sum(large["widths"]) == pytest.approx(WHOLE)
    assert description(large) < description(few)


def test_where_numbers_are_large_the_columns_move_together() -> None:
    amounts = a_line(quantity=Decimal(100_000), unit_price=Decimal("99999.9999"))

    texts = printed_with(amounts, a_line(unit="Normseiten zu 1500 Zeichen", quantity=Decimal("12.3456")))

    assert description(texts) > 50 * MILLIMETRE


def test_a_column_has_room_for_each_rate_with_its_mark() -> None:
    one = Tax(rate=Decimal(19))

    plain = printed_with(a_line(tax=one), a_line(tax=Tax(rate=Decimal(7))))
    marked = printed_with(a_line(tax=one), a_line())

    first, second = (line["tax"] for line in marked["lines"])
    assert [line["tax"]["gap"] for line in plain["lines"]] == [0, 0]
    assert (first["mark"], first["gap"] > 0) == ("", True)
    assert (second["mark"], second["gap"]) == ("\N{NO-BREAK SPACE}¹", 0)


@pytest.mark.parametrize(
    "line",
    [
        a_line(description="word " * 40),
        a_line(description="First\nSecond"),
        a_line(description="مقدمة"),
        a_line(project="project " * 20),
        a_line(unit="Normseiten zu 1500 Zeichen"),
        a_line(adjustments=(RUSH,) * 10),
        a_line(description="ïï " * 30, project=None),
        a_line(description="WWWW " * 5, project="Website", unit="hour"),
        a_line(unit="ïï ïï"),
    ],
    ids=[
        "long",
        "two lines",
        "right to left",
        "long project",
        "long unit",
        "many allowances",
        "kerned",
        "long with its project",
        "kerned unit",
    ],
)
def test_of_what_may_break_no_height_is_claimed(line: DocumentLine) -> None:
    assert height(line) == 0


def test_the_project_stands_beside_the_description_where_there_is_room_and_below_it_else() -> None:
    beside = a_line(description="Review", project="Booking")
    below = a_line(description="Design of the booking form: states, errors, results", project="Booking")

    assert height(beside) == ONE_LINE
    assert height(below) == pytest.approx(ONE_LINE + 9 * 0.6 + 8 * CAPITAL)


def test_each_allowance_of_a_line_and_its_last_day_make_it_higher() -> None:
    day = a_line().date

    assert height(a_line(project=None, until=day)) == pytest.approx(2 * ONE_LINE + 9 * 0.6)
    assert height(a_line(project=None, adjustments=(RUSH,) * 2)) == pytest.approx(
        ONE_LINE + 2 * (9 * 0.6 + 8 * CAPITAL)
    )


def printed_with(*lines: DocumentLine) -> dict[str, Any]:
    texts: dict[str, Any] = printed(an_invoice(lines=lines))
    return texts


def description(texts: dict[str, Any]) -> float:
    found: float = texts["widths"][1]
    return found


def height(line: DocumentLine) -> float:
    [found] = printed_with(line)["lines"]
    known: float = found["height"]
    return known
