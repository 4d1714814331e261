"""The PDF as its reader gets it, by way of what pypdf finds in it."""

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader

from domain.documents import InvoiceDocument
from domain.parties import Address
from domain.tax import Tax
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import a_line, a_seller, an_invoice, pages_of

VAT = Tax(name="VAT", rate=Decimal(19))
IN_ANOTHER_PROCESS = """
from hashlib import sha256
from infrastructure.documents.renderer import TypstRenderer
from tests.documents import an_invoice
print(sha256(TypstRenderer().render(document=an_invoice(lines=12))).hexdigest())
"""


def test_the_same_invoice_gives_the_same_bytes_whatever_came_before(renderer: TypstRenderer) -> None:
    first = renderer.render(document=an_invoice(lines=12))
    renderer.render(document=an_invoice(lines=3, language="pl"))

    assert renderer.render(document=an_invoice(lines=12)) == first


def test_another_process_makes_the_same_bytes(renderer: TypstRenderer) -> None:
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, check=True, text=True
    )

    assert other.stdout.strip() == sha256(renderer.render(document=an_invoice(lines=12))).hexdigest()


@pytest.mark.parametrize("language", ["de", "en", "fr", "pl"])
def test_a_leitweg_id_stands_in_one_line(renderer: TypstRenderer, language: str) -> None:
    text = text_of(renderer, an_invoice(language=language, buyer_reference="04011000-1234512345-06"))

    assert "04011000-1234512345-06" in text


def test_everything_that_the_client_must_know_is_on_it(renderer: TypstRenderer) -> None:
    text = text_of(renderer, an_invoice(tax=VAT))

    for part in (
        "Ada Brandt",
        "Lindenallee 12",
        "20259 Hamburg",
        "VAT ID DE123456789",
        "ada@brandt.example",
        "Nordlicht Reisen GmbH",
        "Rathausmarkt 3",
        "24103 Kiel",
        "Invoice 2026-0042",
        "31 Oct 2026",
        "14 Nov 2026",
        "1 Oct 2026 – 31 Oct 2026",
        "Kick-off workshop with the product team",
        "Website relaunch",
        "1.50",
        "95.00",
        "142.50",
        "Net amount 498.75",
        "VAT 19% on 498.75 94.76",
        "Total EUR 593.51",
        "by 14 November 2026 (14 days net)",
        "DE02 1203 0000 0000 2020 51",
        "BYLADEM1001",
        "Deutsche Kreditbank",
        "Page 1 of 1",
    ):
        assert part in text


@pytest.mark.parametrize(
    "text",
    [
        "#let x = 1",
        "*bold* _emphasis_ `raw` = heading",
        '<script>alert("1")</script>',
        "\\ $ @reference #sys.inputs // a comment /* another */",
        "-> => --- ... 'quoted' \"twice\" ~",
        "https://example.com/a/very/long/path?with=a-query&and=more#fragment",
        "M" * 40,
        "Q" * 300,
        "{name} %s {0}",
        "``` ```.text))) #panic() `",
    ],
)
def test_no_text_is_ever_markup_and_each_is_printed_whole(renderer: TypstRenderer, text: str) -> None:
    document = an_invoice(
        number=text[:40],
        seller=a_seller(name=text[:300]),
        lines=(a_line(description=text, project=text[:200], unit=text[:30]),),
    )

    extracted = text_of(renderer, document)

    assert without_spaces(text) in without_spaces(extracted)
    assert max(len(line) for line in extracted.splitlines()) < 160  # it does not run out of the page


def test_names_and_addresses_of_any_length_keep_off_each_other(renderer: TypstRenderer) -> None:
    address = Address(
        street="Str" * 66, extra_line="Haus" * 50, postal_code="1" * 20, city="Stadt" * 20, country="PL"
    )

    text = text_of(renderer, an_invoice(buyer=a_seller(name="Name " * 60, address=address)))

    assert without_spaces("Name" * 60 + "Haus" * 50 + "Str" * 66 + "1" * 20 + "Stadt" * 20) in without_spaces(
        text
    )


def test_a_line_break_in_a_description_is_one_on_paper(renderer: TypstRenderer) -> None:
    text = text_of(renderer, an_invoice(lines=(a_line(description="First\nSecond"),)))

    assert "First Second" not in text
    assert "FirstSecond" in without_spaces(text)


def test_east_asian_texts_can_be_copied_from_it(renderer: TypstRenderer) -> None:
    buyer = a_seller(name="株式会社みどり", address=Address(street="丸の内1-1", city="東京都", country="JP"))

    text = without_spaces(
        text_of(renderer, an_invoice(buyer=buyer, lines=(a_line(description="디자인 작업"),)))
    )

    assert "株式会社みどり丸の内1-1東京都JAPAN" in text
    assert "디자인작업" in text


def test_it_says_of_itself_what_it_is(renderer: TypstRenderer) -> None:
    reader = PdfReader(BytesIO(renderer.render(document=an_invoice(language="de"))))
    metadata = reader.metadata
    assert metadata is not None

    assert (metadata.title, metadata.author) == ("Rechnung 2026-0042", "Ada Brandt")
    assert metadata.creation_date is not None
    assert metadata.creation_date.date() == dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    "part", [b"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B", b"/Marked true", b"/Lang(de)"]
)
def test_it_is_an_archivable_document_with_its_structure_and_its_language(
    renderer: TypstRenderer, part: bytes
) -> None:
    assert part in renderer.render(document=an_invoice(language="de"))


def text_of(renderer: TypstRenderer, document: InvoiceDocument) -> str:
    return "\n".join(pages_of(renderer, document))


def without_spaces(text: str) -> str:
    return "".join(text.split())
