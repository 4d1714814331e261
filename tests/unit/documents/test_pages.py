"""Long invoices: where pages break."""

from decimal import Decimal

import pytest

from domain.tax import Tax
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import a_line, an_invoice, pages_of

VAT = Tax(name="VAT", rate=Decimal(19))


@pytest.mark.parametrize(("lines", "pages"), [(1, 1), (12, 1), (60, 3), (600, 19)])
def test_it_takes_as_many_pages_as_it_needs_each_with_its_number_and_the_table_s_head(
    renderer: TypstRenderer, lines: int, pages: int
) -> None:
    texts = pages_of(renderer, an_invoice(lines=lines, tax=VAT))

    assert len(texts) == pages
    assert all(f"Page {number} of {pages}" in text for number, text in enumerate(texts, start=1))
    assert all("Unit price" in text for text in texts)


@pytest.mark.parametrize("lines", range(10, 25))
def test_the_total_is_never_without_a_line_nor_the_bank_without_the_total(
    renderer: TypstRenderer, lines: int
) -> None:
    last = pages_of(renderer, an_invoice(lines=lines))[-1]

    assert f"{lines} Oct 2026" in last
    assert "Total EUR" in last
    assert "IBAN" in last


def test_a_last_line_of_many_pages_goes_over_them_all(renderer: TypstRenderer) -> None:
    texts = pages_of(renderer, an_invoice(lines=(a_line(description="word " * 2000),)))

    assert len(texts) > 2
    assert sum(text.count("word") for text in texts) == 2000
    assert "Total EUR" in texts[-1]


def test_a_word_of_many_pages_breaks_wherever_a_line_ends(renderer: TypstRenderer) -> None:
    texts = pages_of(renderer, an_invoice(lines=(a_line(description="x" * 5_000, project=None), a_line())))

    assert sum(text.count("x") for text in texts) >= 5_000
    assert max(len(line) for text in texts for line in text.splitlines()) < 100


def test_an_address_of_the_web_breaks_behind_a_mark_and_no_word_of_it_in_two(renderer: TypstRenderer) -> None:
    addresses = [f"https://tracker.example/{'x' * more}/" + "accessibility/" * 9 for more in range(5)]
    lines = tuple(a_line(description=address, project=None) for address in addresses)

    [page] = pages_of(renderer, an_invoice(lines=lines))

    assert page.count("accessibility") == 5 * 9


def test_a_timesheet_begins_on_a_page_of_its_own_and_repeats_its_head(renderer: TypstRenderer) -> None:
    entries = tuple(a_line(number) for number in range(60))

    texts = pages_of(renderer, an_invoice(lines=1, timesheet=entries))

    assert len(texts) == 3
    assert ["Timesheet" in text for text in texts] == [False, True, False]
    assert all("Quantity" in text and "Unit price" not in text for text in texts[1:])
    assert "Sum 133.50 h" in texts[-1]
