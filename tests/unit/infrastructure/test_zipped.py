"""The export as a file, which anybody can verify with the script of the documentation: no code is shared."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from domain.errors import NotFoundError
from domain.exporting import MANIFEST, export_year
from domain.verifying import DamagedError, Fault, NotAnExportError, verify
from infrastructure import zipped
from infrastructure.zipped import ZipExport, ZipShelf
from tests.builders import ADA
from tests.exports import a_year, sources
from tests.fakes import InMemoryArchive, Store
from tests.world import in_memory

PAGE = Path(__file__).parents[3] / "docs" / "archive.md"
PDF = "01/0000000001-2026-0001.pdf"
CONTENT = "01/0000000001-2026-0001.json"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def file(store: Store, tmp_path: Path) -> Path:
    return an_export(store, tmp_path / "invoices-2026.zip")


def an_export(store: Store, path: Path) -> Path:
    archive = InMemoryArchive()
    world = a_year(in_memory(store), archive)
    with ZipShelf(path) as shelf:
        export_year(2026, account_id=ADA, sources=sources(world, archive), shelf=shelf)
    return path


def somebody_else(file: Path) -> subprocess.CompletedProcess[str]:
    """What the script on the page says, run by itself."""
    [script] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len([line for line in script.splitlines() if line]) <= 10
    arguments = [sys.executable, "-I", "-c", script, str(file)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def rewrite(file: Path, path: str, content: bytes | None) -> None:
    """Put another content under a path, or nothing."""
    with ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for name, old in files.items():
            if (new := content if name == path else old) is not None:
                archive.writestr(name, new)


def test_ten_lines_of_anybody_find_the_same_end_of_the_chain(file: Path, store: Store) -> None:
    ended = somebody_else(file)

    told = f"2026-{{seq}} ends with {store.sequences[ADA, '2026-{seq}'].chain_sha256}\n"
    assert (ended.returncode, ended.stdout) == (0, told)


@pytest.mark.parametrize("path", [PDF, CONTENT])
def test_ten_lines_of_anybody_find_what_was_changed(file: Path, path: str) -> None:
    rewrite(file, path, b"something else")

    ended = somebody_else(file)

    assert ended.returncode == 1
    assert path in ended.stderr


def test_a_file_is_read_as_it_was_written(file: Path) -> None:
    with ZipExport(file) as export:
        verified = verify(export)

        assert export.read(path=PDF) == b"%PDF of 2026-0001"
    assert (len(verified.manifest.documents), verified.flaws) == (2, ())


def test_the_same_year_is_the_same_file_again(file: Path, tmp_path: Path) -> None:
    again = an_export(Store(), tmp_path / "again.zip")

    assert again.read_bytes() == file.read_bytes()


def test_an_export_that_fails_leaves_the_one_before_as_it_was(file: Path) -> None:
    before = file.read_bytes()

    def break_off() -> None:
        with ZipShelf(file) as shelf:
            shelf.put(path=PDF, content=b"%PDF")
            raise NotFoundError("the rest is gone")

    with pytest.raises(NotFoundError):
        break_off()

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_not_there_is_missing(file: Path) -> None:
    rewrite(file, PDF, None)

    with ZipExport(file) as export, pytest.raises(NotFoundError):
        export.read(path=PDF)


def test_bytes_that_were_damaged_on_the_disk_are_found_where_they_are(file: Path) -> None:
    rewrite(file, PDF, b"%PDF of 2026-0001")
    content = file.read_bytes()
    file.write_bytes(content.replace(b"%PDF of 2026-0001", b"%PDF of 2026-0009"))

    with ZipExport(file) as export:
        with pytest.raises(DamagedError):
            export.read(path=PDF)
        assert [(flaw.code, flaw.place) for flaw in verify(export).flaws] == [(Fault.FILE_CHANGED, PDF)]


@pytest.mark.parametrize("keep", [0, 100, -100])
def test_a_file_that_was_cut_off_is_no_export(file: Path, keep: int) -> None:
    file.write_bytes(file.read_bytes()[:keep])

    with pytest.raises(NotAnExportError, match="no whole ZIP file"):
        ZipExport(file)


@pytest.mark.parametrize(
    "manifest", [None, b"", b"[]", b"{}", b'{"account_id":"acc_ada","year":"soon"}', b"[" * 100_000]
)
def test_what_has_no_manifest_is_no_export(file: Path, manifest: bytes | None) -> None:
    rewrite(file, MANIFEST, manifest)

    with ZipExport(file) as export, pytest.raises(NotAnExportError):
        verify(export)


def test_a_manifest_that_cannot_be_read_is_none(file: Path) -> None:
    with ZipFile(file) as archive:
        manifest = archive.read(MANIFEST)
    rewrite(file, MANIFEST, manifest)
    file.write_bytes(file.read_bytes().replace(manifest, manifest.replace(b"2026", b"2062")))

    with ZipExport(file) as export, pytest.raises(NotAnExportError, match="is damaged"):
        verify(export)


def test_a_file_of_another_version_of_zip_is_no_export(file: Path) -> None:
    content = bytearray(file.read_bytes())
    directory = content.index(b"PK\x01\x02")
    content[directory + 6] = 200  # the version that is needed to extract it: 20.0
    file.write_bytes(bytes(content))

    with pytest.raises(NotAnExportError, match="no whole ZIP file"):
        ZipExport(file)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_file_that_stands_there_twice_is_none(file: Path) -> None:
    with ZipFile(file, "a") as archive:
        archive.writestr(PDF, archive.read(PDF))

    with ZipExport(file) as export:
        assert [(flaw.code, flaw.place) for flaw in verify(export).flaws] == [(Fault.FILE_CHANGED, PDF)]


def test_a_file_that_would_fill_the_memory_is_not_unpacked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipped, "LONGEST_FILE", 10_000)
    rewrite(file, PDF, bytes(10_001))

    with ZipExport(file) as export, pytest.raises(DamagedError, match="larger than any file"):
        export.read(path=PDF)
