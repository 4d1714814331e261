"""Whoever changes an export is found out, and where: each file, number and series has a name."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain import chain
from domain.exporting import MANIFEST, ExportedDocument, ExportedSeries, Manifest
from domain.verifying import Fault, NotAnExportError, verify
from tests.exports import a_year, exported
from tests.fakes import InMemoryArchive, Store
from tests.fakes.exports import InMemoryExport
from tests.world import in_memory

SERIES = "2026-{seq}"
FIRST, SECOND = "01/0000000001-2026-0001", "01/0000000002-2026-0002"


@pytest.fixture
def export() -> InMemoryExport:
    archive = InMemoryArchive()
    return exported(a_year(in_memory(Store()), archive), archive)


def declare(export: InMemoryExport, change: Callable[[Manifest], Manifest]) -> None:
    """Let the manifest say something else, in its right form."""
    export.files[MANIFEST] = chain.canonical(change(export.manifest()))


def declare_first(export: InMemoryExport, change: Callable[[ExportedDocument], ExportedDocument]) -> None:
    def changed(manifest: Manifest) -> Manifest:
        first, *others = manifest.documents
        return replace(manifest, documents=(change(first), *others))

    declare(export, changed)


def declare_series(export: InMemoryExport, change: Callable[[ExportedSeries], ExportedSeries]) -> None:
    declare(export, lambda manifest: replace(manifest, series=tuple(map(change, manifest.series))))


def change_a_byte(export: InMemoryExport) -> None:
    export.files[f"{FIRST}.json"] = export.files[f"{FIRST}.json"].replace(b"Acme", b"Acne")


def change_a_byte_and_its_hash(export: InMemoryExport) -> None:
    change_a_byte(export)
    sha256 = chain.sha256_of(export.files[f"{FIRST}.json"])
    declare_first(export, lambda first: replace(first, content=replace(first.content, sha256=sha256)))


def change_all_hashes_but_the_last(export: InMemoryExport) -> None:
    change_a_byte_and_its_hash(export)
    link = chain.link(None, export.manifest().documents[0].content.sha256)
    declare_first(export, lambda first: replace(first, chain_sha256=link))


def change_a_pdf(export: InMemoryExport) -> None:
    export.files[f"{FIRST}.pdf"] += b" and more"


def damage_a_pdf(export: InMemoryExport) -> None:
    export.damaged.add(f"{FIRST}.pdf")


def damage_a_content(export: InMemoryExport) -> None:
    export.damaged.add(f"{FIRST}.json")


def lose_a_pdf(export: InMemoryExport) -> None:
    del export.files[f"{FIRST}.pdf"]


def lose_a_content(export: InMemoryExport) -> None:
    del export.files[f"{FIRST}.json"]


def add_a_file(export: InMemoryExport) -> None:
    export.files["01/another.pdf"] = b"%PDF"


def remove_the_first_invoice(export: InMemoryExport) -> None:
    del export.files[f"{FIRST}.json"], export.files[f"{FIRST}.pdf"], export.files[f"{FIRST}.cii.xml"]
    declare(export, lambda manifest: replace(manifest, documents=manifest.documents[1:]))


def remove_the_last_invoice(export: InMemoryExport) -> None:
    del export.files[f"{SECOND}.json"], export.files[f"{SECOND}.pdf"], export.files[f"{SECOND}.cii.xml"]
    declare(export, lambda manifest: replace(manifest, documents=manifest.documents[:1]))


def remove_it_and_end_the_series_before(export: InMemoryExport) -> None:
    remove_the_last_invoice(export)
    declare_series(export, lambda series: replace(series, last=1))


def declare_numbers_that_nobody_could_count(export: InMemoryExport) -> None:
    declare_series(export, lambda series: replace(series, last=10**15))


def declare_it_far_behind(export: InMemoryExport) -> None:
    declare_first(export, lambda first: replace(first, position=100))


def swap_two_numbers(export: InMemoryExport) -> None:
    def swapped(manifest: Manifest) -> Manifest:
        one, other = manifest.documents
        one, other = (
            replace(one, content=other.content, files=other.files),
            replace(other, content=one.content, files=one.files),
        )
        return replace(manifest, documents=(one, other))

    declare(export, swapped)


def number_it_anew(export: InMemoryExport) -> None:
    declare_first(export, lambda first: replace(first, number="2026-0002"))


def date_it_later(export: InMemoryExport) -> None:
    declare_first(export, lambda first: replace(first, issued_on=dt.date(2026, 12, 24)))


def date_it_in_another_year(export: InMemoryExport) -> None:
    declare_first(export, lambda first: replace(first, issued_on=dt.date(2025, 12, 24)))


def move_it_to_another_series(export: InMemoryExport) -> None:
    declare_first(export, lambda first: replace(first, series="2025-{seq}"))


def begin_elsewhere(export: InMemoryExport) -> None:
    declare_series(export, lambda series: replace(series, before_sha256="f" * 64))


def write_it_in_another_form(export: InMemoryExport) -> None:
    content = json.dumps(json.loads(export.files[f"{FIRST}.json"]), indent=1).encode()
    export.files[f"{FIRST}.json"] = content
    sha256 = chain.sha256_of(content)
    declare_first(export, lambda first: replace(first, content=replace(first.content, sha256=sha256)))


def say_it_twice(export: InMemoryExport) -> None:
    export.files[MANIFEST] = b'{"year":2025,' + export.files[MANIFEST][1:]


def say_half_a_character(export: InMemoryExport) -> None:
    export.files[MANIFEST] = b'{"more":"\\ud83d",' + export.files[MANIFEST][1:]


def say_a_float(export: InMemoryExport) -> None:
    export.files[MANIFEST] = b'{"more":1.5,' + export.files[MANIFEST][1:]


def list_them_in_another_order(export: InMemoryExport) -> None:
    declare(export, lambda manifest: replace(manifest, documents=manifest.documents[::-1]))


FAULTS: list[tuple[Callable[[InMemoryExport], None], list[tuple[Fault, str]]]] = [
    (change_a_byte, [(Fault.FILE_CHANGED, f"{FIRST}.json")]),
    (change_a_byte_and_its_hash, [(Fault.CHAIN_BROKEN, "2026-0001")]),
    (change_all_hashes_but_the_last, [(Fault.CHAIN_BROKEN, "2026-0002")]),
    (change_a_pdf, [(Fault.FILE_CHANGED, f"{FIRST}.pdf")]),
    (damage_a_pdf, [(Fault.FILE_CHANGED, f"{FIRST}.pdf")]),
    (damage_a_content, [(Fault.FILE_CHANGED, f"{FIRST}.json")]),
    (lose_a_pdf, [(Fault.FILE_MISSING, f"{FIRST}.pdf")]),
    (lose_a_content, [(Fault.FILE_MISSING, f"{FIRST}.json")]),
    (add_a_file, [(Fault.FILE_UNKNOWN, "01/another.pdf")]),
    (remove_the_first_invoice, [(Fault.DOCUMENT_MISSING, f"{SERIES} 1")]),
    (remove_the_last_invoice, [(Fault.DOCUMENT_MISSING, f"{SERIES} 2")]),
    (remove_it_and_end_the_series_before, [(Fault.CHAIN_ENDS_ELSEWHERE, SERIES)]),
    (declare_numbers_that_nobody_could_count, [(Fault.DOCUMENT_MISSING, f"{SERIES} 3 to {10**15}")]),
    (
        declare_it_far_behind,
        [
            (Fault.CONTENT_ELSEWHERE, "2026-0001"),
            (Fault.DOCUMENT_MISSING, f"{SERIES} 1"),
            (Fault.DATE_DESCENDS, "2026-0001"),
            (Fault.DOCUMENT_UNKNOWN, "2026-0001"),
            (Fault.ORDER_CHANGED, "2026-0002"),
        ],
    ),
    (say_it_twice, [(Fault.MANIFEST_CHANGED, MANIFEST)]),
    (say_half_a_character, [(Fault.MANIFEST_CHANGED, MANIFEST)]),
    (say_a_float, [(Fault.MANIFEST_CHANGED, MANIFEST)]),
    (list_them_in_another_order, [(Fault.ORDER_CHANGED, "2026-0001")]),
    (
        swap_two_numbers,
        [
            (Fault.CONTENT_ELSEWHERE, "2026-0001"),
            (Fault.CONTENT_ELSEWHERE, "2026-0002"),
            (Fault.CHAIN_BROKEN, "2026-0001"),
            (Fault.CHAIN_BROKEN, "2026-0002"),
        ],
    ),
    (number_it_anew, [(Fault.CONTENT_ELSEWHERE, "2026-0002"), (Fault.NUMBER_TWICE, "2026-0002")]),
    (date_it_later, [(Fault.CONTENT_ELSEWHERE, "2026-0001"), (Fault.DATE_DESCENDS, "2026-0002")]),
    (date_it_in_another_year, [(Fault.CONTENT_ELSEWHERE, "2026-0001"), (Fault.DATE_OUTSIDE, "2026-0001")]),
    (
        move_it_to_another_series,
        [
            (Fault.CONTENT_ELSEWHERE, "2026-0001"),
            (Fault.DOCUMENT_MISSING, f"{SERIES} 1"),
            (Fault.DOCUMENT_UNKNOWN, "2026-0001"),
        ],
    ),
    (begin_elsewhere, [(Fault.CHAIN_BROKEN, "2026-0001")]),
    (
        write_it_in_another_form,
        [(Fault.CONTENT_ELSEWHERE, "2026-0001"), (Fault.CHAIN_BROKEN, "2026-0001")],
    ),
]


@pytest.mark.parametrize(("tamper", "found"), FAULTS, ids=lambda each: getattr(each, "__name__", ""))
def test_what_was_tampered_with_is_named_with_its_place(
    export: InMemoryExport, tamper: Callable[[InMemoryExport], None], found: list[tuple[Fault, str]]
) -> None:
    tamper(export)

    assert [(flaw.code, flaw.place) for flaw in verify(export).flaws] == found


@pytest.mark.parametrize("content", [b"", b"[]", b"1", b'{"document":1}', b'{"document":{}}', b"[" * 100_000])
def test_a_content_that_says_no_place_is_named(export: InMemoryExport, content: bytes) -> None:
    export.files[f"{FIRST}.json"] = content
    sha256 = chain.sha256_of(content)
    declare_first(export, lambda first: replace(first, content=replace(first.content, sha256=sha256)))

    assert (Fault.CONTENT_ELSEWHERE, "2026-0001") in [
        (flaw.code, flaw.place) for flaw in verify(export).flaws
    ]


def test_what_has_no_manifest_is_no_export() -> None:
    with pytest.raises(NotAnExportError):
        verify(InMemoryExport())


def test_who_rewrites_the_whole_chain_cannot_make_the_end_that_it_had(export: InMemoryExport) -> None:
    """No file can prove by itself that nothing was left out at its end; so people keep the ends."""
    end = export.manifest().series[0].chain_sha256
    remove_it_and_end_the_series_before(export)
    [first] = export.manifest().documents
    declare_series(export, lambda series: replace(series, chain_sha256=first.chain_sha256))

    verified = verify(export)

    assert verified.flaws == ()
    assert verified.manifest.series[0].chain_sha256 != end


def test_an_export_of_a_form_that_nobody_knows_yet_is_not_called_right(export: InMemoryExport) -> None:
    declare(export, lambda manifest: replace(manifest, form=2))

    with pytest.raises(NotAnExportError, match="of the form 2"):
        verify(export)
