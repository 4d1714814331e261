"""What has its place for certain: the letter's head, and the room that is kept below the lines."""

from dataclasses import replace
from typing import Any

import pytest

from domain.documents import InvoiceDocument
from domain.parties import Address
from infrastructure.documents.printed import printed
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import a_buyer, a_line, a_seller, an_invoice, pages_of
from tests.gallery.samples import Sample, allowances, by_day, by_project, every_category, long_names

SAMPLES = (allowances, by_day, by_project, every_category, long_names)


def test_a_usual_head_is_one_line_each_in_its_field() -> None:
    assert printed(an_invoice())["is-compact"]


@pytest.mark.parametrize(
    "document",
    [
        an_invoice(seller=a_seller(name="Ada " * 20)),
        an_invoice(seller=a_seller(email="a" * 60 + "@brandt.example")),
        an_invoice(buyer=a_buyer(name="Nordlicht " * 8)),
        an_invoice(buyer=a_buyer(address=Address(street="Rathausmarkt " * 8, city="Kiel", country="DE"))),
        an_invoice(buyer=a_buyer(name="دار النخيل")),
        an_invoice(buyer=a_buyer(tax_id="DE" + "1" * 60)),
    ],
    ids=["seller", "mail address", "buyer", "street", "script", "tax number"],
)
def test_a_head_with_what_may_need_more_is_laid_out_by_typst(document: InvoiceDocument) -> None:
    assert not printed(document)["is-compact"]


@pytest.mark.parametrize("sample", SAMPLES, ids=[each.__name__ for each in SAMPLES])
def test_what_is_kept_free_below_the_lines_is_enough(renderer: TypstRenderer, sample: Sample) -> None:
    document = replace(sample(), timesheet=())
    texts: dict[str, Any] = printed(document)

    [*_, last] = pages_of(renderer, document)

    for text in (texts["total"][1], *(value for _, value in texts["bank"])):
        assert "".join(text.split()) in "".join(last.split())


@pytest.mark.parametrize(
    ("description", "features"), [("Café № 5 – 小説", {"ccmp": 0}), ("g\u0303", {}), ("مقدمة", {})]
)
def test_letters_are_composed_where_they_may_have_to_be(description: str, features: dict[str, int]) -> None:
    assert printed(an_invoice(lines=(a_line(description=description),)))["features"] == features
