"""A year as a tax office takes it home: all that got a number in it, as it was frozen, and what proves it.

    numbers of the year ──▶ the content of each, its PDF and XML as they are stored ──▶ a shelf
                        └─▶ the manifest: where each stands, its place in the chain, its hashes

The same year gives the same bytes again, as long as nothing is numbered in between.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from domain import chain
from domain.archiving import Archive, Document
from domain.credit_documents import frozen_document
from domain.credit_notes import CreditNotes
from domain.delivery import Deliveries, Delivery
from domain.errors import NotFoundError
from domain.identifiers import AccountId
from domain.invoices import Invoices
from domain.printing import NotIssuedError
from domain.register import Given, Register

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file of the export, and the SHA-256 that is recorded of it."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSeries:
    """What there is of a series: from the position `first` to `last`.

    `before_sha256` is the link that the first one follows, `chain_sha256` that of the last one.
    """

    series: str
    first: int
    last: int
    before_sha256: str
    chain_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedDocument:
    """An invoice or a credit note: its canonical JSON, and the files that its client was sent."""

    series: str
    position: int
    number: str
    issued_on: dt.date
    content: ExportedFile
    chain_sha256: str | None = None
    files: tuple[ExportedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an export holds."""

    account_id: AccountId
    year: int
    form: int = chain.FORM
    series: tuple[ExportedSeries, ...] = ()
    documents: tuple[ExportedDocument, ...] = ()


class Shelf(Protocol):
    """Takes the files of an export."""

    def put(self, *, path: str, content: bytes) -> None:
        """Add a file; no path comes twice."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that an export is made of."""

    register: Register
    invoices: Invoices
    credit_notes: CreditNotes
    deliveries: Deliveries
    archive: Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The numbers of one series that were given in a year; `before` is the link that they follow."""

    series: str
    given: Sequence[Given]
    before: str | None


def export_year(year: int, *, account_id: AccountId, sources: Sources, shelf: Shelf) -> Manifest:
    """Put all that was numbered in *year* on the shelf, and the manifest at its end."""
    export = _Export(account_id=account_id, sources=sources, shelf=shelf)
    parts = list(parts_of(year, account_id=account_id, register=sources.register))
    manifest = Manifest(
        account_id=account_id,
        year=year,
        series=tuple(map(_series, parts)),
        documents=tuple(
            export.document(given, part.series, folder=f"{number:02}")
            for number, part in enumerate(parts, start=1)
            for given in part.given
        ),
    )
    shelf.put(path=MANIFEST, content=chain.canonical(manifest))
    return manifest


def parts_of(year: int | None, *, account_id: AccountId, register: Register) -> Iterator[Part]:
    """What each series of the account gave in *year* (None: at all), in the order of their names."""
    for series in sorted(register.series(account_id=account_id)):
        given = register.given(account_id=account_id, series=series)
        wanted = [each for each in given if year is None or each.issued_on.year == year]
        if wanted:
            before = {each.value: each.chain_sha256 for each in given}.get(wanted[0].value - 1)
            yield Part(series=series, given=wanted, before=before)


def content_of(
    given: Given, *, account_id: AccountId, series: str, invoices: Invoices, credit_notes: CreditNotes
) -> bytes:
    """What the document says now, in canonical form; its number is linked to what it said when issued."""
    document = frozen_document(
        given.invoice_id, account_id=account_id, invoices=invoices, credit_notes=credit_notes
    )
    place = chain.Place(account_id=account_id, series=series, position=given.value)
    return chain.content(document, place)


def files_of(delivery: Delivery) -> Mapping[str, Document]:
    """What was stored of a document, by the end of its file's name."""
    stored = {".pdf": delivery.document, ".cii.xml": delivery.cii, ".ubl.xml": delivery.ubl}
    return {end: document for end, document in stored.items() if document}


def _series(part: Part) -> ExportedSeries:
    return ExportedSeries(
        series=part.series,
        first=part.given[0].value,
        last=part.given[-1].value,
        before_sha256=part.before or chain.BEGINNING,
        chain_sha256=part.given[-1].chain_sha256,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """One export on its way to the shelf."""

    account_id: AccountId
    sources: Sources
    shelf: Shelf

    def document(self, given: Given, series: str, *, folder: str) -> ExportedDocument:
        path = f"{folder}/{given.value:010}-{plain(given.number)}"
        # What the number was linked to is what is recorded: whoever changed the document since is found out,
        # and so is who removed it.
        recorded = given.content_sha256 or chain.BEGINNING
        with suppress(NotFoundError, NotIssuedError):
            content = content_of(
                given,
                account_id=self.account_id,
                series=series,
                invoices=self.sources.invoices,
                credit_notes=self.sources.credit_notes,
            )
            self.shelf.put(path=f"{path}.json", content=content)
            recorded = given.content_sha256 or chain.sha256_of(content)
        return ExportedDocument(
            series=series,
            position=given.value,
            number=given.number,
            issued_on=given.issued_on,
            content=ExportedFile(path=f"{path}.json", sha256=recorded),
            chain_sha256=given.chain_sha256,
            files=tuple(self._files(given, path)),
        )

    def _files(self, given: Given, path: str) -> Iterator[ExportedFile]:
        delivery = self.sources.deliveries.get(account_id=self.account_id, invoice_id=given.invoice_id)
        for end, document in files_of(delivery).items():
            # One that is gone is named all the same, so that whoever verifies is told that it is missing.
            with suppress(NotFoundError):
                self.shelf.put(path=f"{path}{end}", content=self.sources.archive.get(key=document.key))
            yield ExportedFile(path=f"{path}{end}", sha256=document.sha256)


def plain(number: str) -> str:
    """The number as part of a file's name."""
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in number)
