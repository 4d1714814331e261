"""What is shown of an audit, and of what was issued under a number."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.archiving import Archive
from domain.exporting import plain
from domain.fields import values
from domain.identifiers import DocumentId
from domain.issued import IssuedDocument
from domain.proof import Finding, Proof, SeriesLook


@dataclass(frozen=True, kw_only=True)
class SeriesView(SeriesLook):
    """A series of invoice numbers, and what is wrong with it."""

    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class NumbersView:
    """Whether all numbers are right; `findings` are those that concern no single series."""

    clean: bool
    series: Sequence[SeriesView]
    findings: Sequence[Finding]


@dataclass(frozen=True, kw_only=True)
class IssuedFileView:
    """A file of an invoice: its name, the SHA-256 that is recorded, and where it can be fetched."""

    name: str
    sha256: str
    url: str


@dataclass(frozen=True, kw_only=True)
class IssuedView:
    """What was issued under a number: `content` is its canonical JSON, to the byte, and hashed in UTF-8.

    `chain_sha256` is the SHA-256 of `before_sha256` and `content_sha256`, written one behind the other. A
    content of more than four megabytes is left out; an export has it.
    """

    series: str
    position: int
    number: str
    issued_on: dt.date
    invoice_id: DocumentId
    before_sha256: str
    content_sha256: str | None = None
    chain_sha256: str | None = None
    content: str | None = None
    files: Sequence[IssuedFileView]


@dataclass(frozen=True, kw_only=True)
class FailedProofView:
    """What could not be looked at, and why."""

    id: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """What an audit has proven, and what is wrong."""

    proven: Mapping[str, int]
    findings: Sequence[Finding]
    failed: Sequence[FailedProofView]


def of_proof(proof: Proof) -> ProofView:
    return ProofView(
        proven=proof.counts,
        findings=proof.findings,
        failed=tuple(
            FailedProofView(id=entity, error=f"{type(error).__name__}: {error}")
            for entity, error in proof.failed
        ),
    )


def of_numbers(proof: Proof) -> NumbersView:
    by_series: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in proof.findings:
        by_series[finding.series].append(finding)
    return NumbersView(
        clean=not proof.findings,
        series=tuple(
            SeriesView(**values(look, SeriesLook), findings=by_series[look.name]) for look in proof.series
        ),
        findings=by_series[None],
    )


def of_issued(document: IssuedDocument, archive: Archive) -> IssuedView:
    given = document.given
    names = {end: f"{plain(given.number)}{end}" for end in document.files}
    files = [
        IssuedFileView(
            name=names[end], sha256=file.sha256, url=archive.url(key=file.key, filename=names[end])
        )
        for end, file in document.files.items()
    ]
    return IssuedView(
        series=document.series,
        position=given.value,
        number=given.number,
        issued_on=given.issued_on,
        invoice_id=given.invoice_id,
        before_sha256=document.before_sha256,
        content_sha256=given.content_sha256,
        chain_sha256=given.chain_sha256,
        content=document.content,
        files=files,
    )
