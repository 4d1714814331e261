"""Rows are tagged, for who cannot see them; of thousands, the tags would be more than all the rest."""

from dataclasses import replace

import pytest

from domain.documents import InvoiceDocument
from infrastructure.documents import printed
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import an_invoice, pages_of

MANY = 12


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> InvoiceDocument:
    monkeypatch.setattr(printed, "MOST_TAGGED", MANY)
    return an_invoice(lines=MANY)


def tags(renderer: TypstRenderer, document: InvoiceDocument) -> int:
    return renderer.render(document=document).count(b"/Type/StructElem")


def test_a_row_has_tags(renderer: TypstRenderer, document: InvoiceDocument) -> None:
    assert tags(renderer, document) > 5 * MANY


def test_too_many_rows_have_none(renderer: TypstRenderer, document: InvoiceDocument) -> None:
    assert tags(renderer, an_invoice(lines=MANY + 1)) == tags(renderer, an_invoice(lines=3 * MANY))
    assert tags(renderer, replace(document, timesheet=document.lines)) < 3 * MANY


def test_without_tags_the_same_is_printed(
    renderer: TypstRenderer, document: InvoiceDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged = pages_of(renderer, document)

    monkeypatch.setattr(printed, "MOST_TAGGED", 0)

    assert pages_of(renderer, document) == tagged
