"""Verifies the export of a year by itself: without account, without network, without trust in who made it.

file     ──▶ has the SHA-256 that the manifest records, and no file is there that it does not name
content  ──▶ says the place and number under which it stands, in its canonical form
manifest ──▶ is in its canonical form, its documents in the order of their series and positions
series   ──▶ first..last without a hole, dates of the year that never descend
link     ──▶ follows from the link before it and from the content; the last one is the end of the chain

What no export can prove by itself is that its chain is the one that was given: compare its ends with those
that `invoicely audit numbers` tells, or told whoever wrote them down.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol

from domain import chain
from domain.errors import NotFoundError, WillNeverWorkError
from domain.exporting import MANIFEST, ExportedDocument, ExportedFile, ExportedSeries, Manifest


class Fault(StrEnum):
    """What can be wrong with an export. The names are stable: scripts read them."""

    MANIFEST_CHANGED = "manifest-changed"
    FILE_MISSING = "file-missing"
    FILE_CHANGED = "file-changed"
    FILE_UNKNOWN = "file-unknown"
    CONTENT_ELSEWHERE = "content-elsewhere"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_UNKNOWN = "document-unknown"
    ORDER_CHANGED = "order-changed"
    NUMBER_TWICE = "number-twice"
    DATE_DESCENDS = "date-descends"
    DATE_OUTSIDE = "date-outside"
    CHAIN_BROKEN = "chain-broken"
    CHAIN_ENDS_ELSEWHERE = "chain-ends-elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong: the file, number or series it is about (`place`), and how it is wrong."""

    code: Fault
    place: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at: the manifest, and all that is wrong with the export."""

    manifest: Manifest
    flaws: tuple[Flaw, ...]


class NotAnExportError(WillNeverWorkError):
    """The file is no export of a year."""

    code = "not-an-export"


class DamagedError(WillNeverWorkError):
    """A file of the export cannot be read any more."""

    code = "damaged"


class Exported(Protocol):
    """An export as somebody has it."""

    def manifest(self) -> Manifest:
        """Raise `NotAnExportError` where there is none."""
        ...

    def paths(self) -> frozenset[str]:
        """All files that are there, the manifest too."""
        ...

    def read(self, *, path: str) -> bytes:
        """Raise `NotFoundError` where it is missing, `DamagedError` where it cannot be read."""
        ...


def verify(export: Exported) -> Verified:
    """Look at everything; all that is wrong is told, each with its place.

    Raises:
        NotAnExportError: it is none, or of a form that this version does not know.
    """
    manifest = export.manifest()
    if manifest.form != chain.FORM:
        raise NotAnExportError(f"it is of the form {manifest.form}, and only {chain.FORM} is known here")
    flaws = (
        *_manifest(export),
        *_files(manifest, export),
        *_strangers(manifest, export),
        *(flaw for document in manifest.documents for flaw in _content(document, manifest, export)),
        *(flaw for series in manifest.series for flaw in _whole(series, manifest)),
        *_listed(manifest),
        *_ordered(manifest),
    )
    return Verified(manifest=manifest, flaws=flaws)


def _manifest(export: Exported) -> Iterator[Flaw]:
    """Whatever programs make of it, it says one thing: no name stands in it twice."""
    if not _is_canonical(export.read(path=MANIFEST)):
        told = f"{MANIFEST} is not written as it was exported"
        yield Flaw(code=Fault.MANIFEST_CHANGED, place=MANIFEST, told=told)


def _is_canonical(content: bytes) -> bool:
    try:
        return chain.canonical(json.loads(content)) == content
    except (TypeError, ValueError):  # a float, half a character
        return False


def _files(manifest: Manifest, export: Exported) -> Iterator[Flaw]:
    for document in manifest.documents:
        for file in (document.content, *document.files):
            match _found(file, export):
                case None:
                    told = f"{file.path} of {document.number} is missing"
                    yield Flaw(code=Fault.FILE_MISSING, place=file.path, told=told)
                case sha256 if sha256 != file.sha256:
                    told = f"{file.path} of {document.number} is not the file that was recorded"
                    yield Flaw(code=Fault.FILE_CHANGED, place=file.path, told=told)


def _found(file: ExportedFile, export: Exported) -> str | None:
    """The hash of the file that is there, "" of one that cannot be read, None where there is none."""
    try:
        return chain.sha256_of(export.read(path=file.path))
    except NotFoundError:
        return None
    except DamagedError:
        return ""


def _strangers(manifest: Manifest, export: Exported) -> Iterator[Flaw]:
    """What is there and was never exported."""
    named = {file.path for document in manifest.documents for file in (document.content, *document.files)}
    for path in sorted(export.paths() - named - {MANIFEST}):
        yield Flaw(code=Fault.FILE_UNKNOWN, place=path, told=f"{path} is no file of this export")


def _content(document: ExportedDocument, manifest: Manifest, export: Exported) -> Iterator[Flaw]:
    """Whether the content says itself where it stands; one that was changed is told already."""
    try:
        content = export.read(path=document.content.path)
    except (NotFoundError, DamagedError):
        return
    if chain.sha256_of(content) != document.content.sha256:
        return
    expected = (manifest.account_id, document.series, document.position, document.number)
    if _place(content) != (*expected, document.issued_on.isoformat()):
        told = f"{document.content.path} does not say that it is {document.number} of {document.issued_on}"
        yield Flaw(code=Fault.CONTENT_ELSEWHERE, place=document.number, told=told)


def _place(content: bytes) -> tuple[object, ...]:
    """Where the content says that it stands; of what is not in its canonical form, nothing."""
    try:
        said: Any = json.loads(content)
        if chain.canonical(said) != content:
            return ()
        document = said["document"]
        return said["account_id"], said["series"], said["position"], document["number"], document["issued_on"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def _whole(series: ExportedSeries, manifest: Manifest) -> Iterator[Flaw]:
    own = sorted(
        (document for document in manifest.documents if document.series == series.series),
        key=lambda document: document.position,
    )
    there = {document.position for document in own if series.first <= document.position <= series.last}
    for before, after in pairwise([series.first - 1, *sorted(there), series.last + 1]):
        if after - before > 1:
            missing = f"{before + 1}" if after - before == 2 else f"{before + 1} to {after - 1}"  # noqa: PLR2004 - one is missing
            told = f"the number {missing} of the series {series.series} is missing"
            yield Flaw(code=Fault.DOCUMENT_MISSING, place=f"{series.series} {missing}", told=told)
    yield from _dated(own, manifest)
    yield from _chained(own, series)


def _dated(own: list[ExportedDocument], manifest: Manifest) -> Iterator[Flaw]:
    for document in own:
        if document.issued_on.year != manifest.year:
            told = f"{document.number} is dated {document.issued_on}, not in {manifest.year}"
            yield Flaw(code=Fault.DATE_OUTSIDE, place=document.number, told=told)
    for before, after in pairwise(own):
        if after.issued_on < before.issued_on:
            told = f"{after.number} is dated {after.issued_on}, before {before.number}"
            yield Flaw(code=Fault.DATE_DESCENDS, place=after.number, told=told)


def _chained(own: list[ExportedDocument], series: ExportedSeries) -> Iterator[Flaw]:
    numbers = {document.position: document.number for document in own}
    before = None if series.before_sha256 == chain.BEGINNING else series.before_sha256
    links = [_link(document) for document in own]
    for position in chain.broken(links, before=before, first=series.first):
        told = f"{numbers[position]} does not follow in its chain from what is before it"
        yield Flaw(code=Fault.CHAIN_BROKEN, place=numbers[position], told=told)
    if own and own[-1].position == series.last and own[-1].chain_sha256 != series.chain_sha256:
        told = f"the chain of {series.series} does not end with {own[-1].number}"
        yield Flaw(code=Fault.CHAIN_ENDS_ELSEWHERE, place=series.series, told=told)


def _link(document: ExportedDocument) -> chain.Link:
    """A document from before there was a chain has a hash of its content, but no link."""
    linked = document.content.sha256 if document.chain_sha256 else None
    return chain.Link(position=document.position, content_sha256=linked, chain_sha256=document.chain_sha256)


def _listed(manifest: Manifest) -> Iterator[Flaw]:
    """Each document stands in a series of the export, and each number once."""
    series = {each.series: range(each.first, each.last + 1) for each in manifest.series}
    for document in manifest.documents:
        if document.position not in series.get(document.series, range(0)):
            told = f"{document.number} stands in no series of this export"
            yield Flaw(code=Fault.DOCUMENT_UNKNOWN, place=document.number, told=told)
    for number, times in Counter(document.number for document in manifest.documents).items():
        if times > 1:
            yield Flaw(code=Fault.NUMBER_TWICE, place=number, told=f"{number} stands there {times} times")


def _ordered(manifest: Manifest) -> Iterator[Flaw]:
    """Whoever follows the chain by the list alone comes from each link to the next."""
    for before, after in pairwise(manifest.documents):
        if (after.series, after.position) < (before.series, before.position):
            told = f"{after.number} stands behind {before.number}, and not in its order"
            yield Flaw(code=Fault.ORDER_CHANGED, place=after.number, told=told)
