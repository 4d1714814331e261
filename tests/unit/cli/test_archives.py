"""What `invoicely audit archive` says of a file, beyond whether it is right."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from domain import chain
from domain.exporting import MANIFEST, Manifest
from infrastructure.zipped import ZipShelf
from tests.exports import a_year, exported
from tests.fakes import InMemoryArchive, Store
from tests.terminal import Ended, Terminal
from tests.world import in_memory


def test_of_a_series_that_goes_on_it_says_where_the_year_before_has_to_end(
    invoicely: Terminal, tmp_path: Path
) -> None:
    before = a_manifest().documents[0].chain_sha256

    ended = verified(invoicely, tmp_path, beginning_with_the_second)

    assert ended.lines[1].startswith(
        f"2026-{{seq}}: numbers 2 to 2. What was numbered before ends with {before}."
    )


def test_what_is_in_no_chain_is_told(invoicely: Terminal, tmp_path: Path) -> None:
    ended = verified(invoicely, tmp_path, unlinked)

    assert (
        ended.lines[1] == "2026-{seq}: numbers 1 to 2. 2 of them in no chain: nothing proves what they say."
    )


def test_who_made_the_file_steers_no_terminal_and_adds_no_line(invoicely: Terminal, tmp_path: Path) -> None:
    ended = verified(
        invoicely, tmp_path, lambda manifest: renumbered(manifest, "1\x1b[2J\nNothing is wrong.")
    )

    assert "\x1b" not in ended.out
    assert (
        "file-missing: 01/0000000001-2026-0001.json of 1\\x1b[2J Nothing is wrong. is missing." in ended.lines
    )


def verified(invoicely: Terminal, folder: Path, change: Callable[[Manifest], Manifest]) -> Ended:
    """What is said of the manifest alone, once it is changed."""
    with ZipShelf(folder / "changed.zip") as shelf:
        shelf.put(path=MANIFEST, content=chain.canonical(change(a_manifest())))
    return invoicely("audit", "archive", folder / "changed.zip")


def a_manifest() -> Manifest:
    archive = InMemoryArchive()
    return exported(a_year(in_memory(Store()), archive), archive).manifest()


def unlinked(manifest: Manifest) -> Manifest:
    documents = tuple(replace(each, chain_sha256=None) for each in manifest.documents)
    [series] = manifest.series
    return replace(manifest, documents=documents, series=(replace(series, chain_sha256=None),))


def renumbered(manifest: Manifest, number: str) -> Manifest:
    first, *others = manifest.documents
    return replace(manifest, documents=(replace(first, number=number), *others))


def beginning_with_the_second(manifest: Manifest) -> Manifest:
    first, *others = manifest.documents
    [series] = manifest.series
    later = replace(series, first=2, before_sha256=first.chain_sha256 or chain.BEGINNING)
    return replace(manifest, documents=tuple(others), series=(later,))
