"""What `invoicely audit archive` says of a file, beyond whether it is right."""

from dataclasses import replace
from pathlib import Path

from domain import chain
from domain.exporting import MANIFEST, Manifest
from infrastructure.zipped import ZipShelf
from tests.exports import a_year, exported
from tests.fakes import InMemoryArchive, Store
from tests.terminal import Terminal
from tests.world import in_memory


def test_of_a_series_that_goes_on_it_says_where_the_year_before_has_to_end(
    invoicely: Terminal, tmp_path: Path
) -> None:
    archive = InMemoryArchive()
    whole = exported(a_year(in_memory(Store()), archive), archive).manifest()
    with ZipShelf(tmp_path / "later.zip") as shelf:
        shelf.put(path=MANIFEST, content=chain.canonical(beginning_with_the_second(whole)))

    ended = invoicely("audit", "archive", tmp_path / "later.zip")

    before = whole.documents[0].chain_sha256
    assert ended.lines[1].startswith(
        f"2026-{{seq}}: numbers 2 to 2. What was numbered before ends with {before}."
    )


def beginning_with_the_second(manifest: Manifest) -> Manifest:
    first, *others = manifest.documents
    [series] = manifest.series
    later = replace(series, first=2, before_sha256=first.chain_sha256 or chain.BEGINNING)
    return replace(manifest, documents=tuple(others), series=(later,))
