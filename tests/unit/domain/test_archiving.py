"""The documents of an invoice: each made once, stored once, and the same in every place."""

from dataclasses import replace
from hashlib import sha256

import pytest

from domain.archiving import Document, Documents, keep_documents
from domain.documents import InvoiceDocument
from domain.einvoices import Syntax
from domain.totals import Terms
from tests.documents import a_seller
from tests.einvoices import a_line, an_invoice
from tests.fakes import InMemoryArchive, PlainEInvoices, PlainRenderer, Step, Store
from tests.turns import Crash

UNDER = "acc_ada/invoices/inv_1"
IN_DINARS = an_invoice(a_line(currency="KWD"), terms=Terms(currency="KWD"))


def keep(document: InvoiceDocument, archive: InMemoryArchive) -> tuple[Documents, bytes]:
    return keep_documents(
        document, under=UNDER, archive=archive, renderer=PlainRenderer(), einvoices=PlainEInvoices()
    )


def stored(archive: InMemoryArchive, ending: str) -> Document:
    key = f"{UNDER}.{ending}"
    return Document(key=key, sha256=sha256(archive.get(key=key)).hexdigest())


def test_the_pdf_and_the_e_invoice_in_both_languages_are_stored_with_their_hashes() -> None:
    archive = InMemoryArchive()

    documents, _ = keep(an_invoice(), archive)

    assert documents == Documents(
        pdf=stored(archive, "pdf"), cii=stored(archive, "cii.xml"), ubl=stored(archive, "ubl.xml")
    )
    for syntax in Syntax:
        written = PlainEInvoices().write(document=an_invoice(), syntax=syntax)
        assert archive.get(key=f"{UNDER}.{syntax}.xml") == written


def test_the_pdf_holds_the_e_invoice_and_is_what_is_handed_on() -> None:
    archive = InMemoryArchive()

    _, pdf = keep(an_invoice(), archive)

    assert pdf == archive.get(key=f"{UNDER}.pdf")
    assert pdf.endswith(archive.get(key=f"{UNDER}.cii.xml"))


def test_what_no_e_invoice_can_carry_has_its_pdf_alone_and_says_why() -> None:
    archive = InMemoryArchive()

    documents, pdf = keep(IN_DINARS, archive)

    assert len(archive) == 1
    assert documents == Documents(pdf=stored(archive, "pdf"), not_carried=documents.not_carried)
    assert [problem.code for problem in documents.not_carried] == ["too-many-digits"]
    assert b"cii" not in pdf


@pytest.mark.parametrize("moment", range(6))
def test_a_run_that_died_is_finished_with_what_it_has_stored(moment: int) -> None:
    """Also where the code has learned to write otherwise in between: the PDF holds what stands beside it."""
    store = Store()
    archive = InMemoryArchive(store)
    moments = iter(range(9))

    def die(step: Step) -> None:
        if step.commits and next(moments) == moment:
            raise Crash

    store.hook = die
    with pytest.raises(Crash):
        keep(an_invoice(), archive)
    store.hook = lambda _: None
    documents, pdf = keep(replace(an_invoice(), seller=a_seller(name="Ada B. Brandt")), archive)

    assert documents.cii == stored(archive, "cii.xml")
    assert pdf.endswith(archive.get(key=f"{UNDER}.cii.xml"))
