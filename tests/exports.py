"""A year that can be exported: two invoices of October and November, with their PDFs and XML."""

import datetime as dt
from dataclasses import replace

from domain.archiving import Document
from domain.chain import sha256_of
from domain.delivery import Delivery
from domain.exporting import Sources, export_year
from domain.invoices import Invoice
from tests.builders import ADA, an_account
from tests.fakes import InMemoryArchive
from tests.fakes.exports import InMemoryExport
from tests.lived import CLIENT, LATER, NOVEMBER_30, OCTOBER_31, WORK, bill
from tests.world import World

NEXT_YEAR = dt.date(2027, 1, 31)


def a_year(world: World, archive: InMemoryArchive) -> World:
    """Two invoices, issued and printed."""
    world.having(an_account(), CLIENT, *WORK, *LATER)
    for day in (OCTOBER_31, NOVEMBER_30):
        for invoice in bill(world, day):
            keep(world, archive, invoice, b"%PDF of " + str(invoice.number).encode())
    return world


def keep(world: World, archive: InMemoryArchive, invoice: Invoice, content: bytes) -> None:
    """Store a PDF and an e-invoice, as the delivery does."""
    document = Document(key=f"{ADA}/invoices/{invoice.id}.pdf", sha256=sha256_of(content))
    xml = Document(key=f"{ADA}/invoices/{invoice.id}.cii.xml", sha256=sha256_of(b"<xml/>"))
    archive.put(key=document.key, content=content)
    archive.put(key=xml.key, content=b"<xml/>")

    def documented(delivery: Delivery) -> Delivery:
        return replace(delivery, document=document, cii=xml)

    world.deliveries.update(account_id=ADA, invoice_id=invoice.id, change=documented)


def sources(world: World, archive: InMemoryArchive) -> Sources:
    """All that an export reads."""
    return Sources(
        register=world.register,
        invoices=world.invoices,
        credit_notes=world.credit_notes,
        deliveries=world.deliveries,
        archive=archive,
    )


def exported(world: World, archive: InMemoryArchive, *, year: int = 2026) -> InMemoryExport:
    """The year as it is exported now."""
    export = InMemoryExport()
    export_year(year, account_id=ADA, sources=sources(world, archive), shelf=export)
    return export
