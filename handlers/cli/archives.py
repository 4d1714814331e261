"""`invoicely audit export` and `invoicely audit archive`: a year to take home; is it as it was?."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import click

from domain.exporting import ExportedDocument, ExportedSeries, Manifest, Sources, export_year
from domain.verifying import Verified, verify
from handlers.cli.output import Output, printable
from handlers.cli.session import Session, acting, answering
from infrastructure import wiring
from infrastructure.zipped import ZipExport, ZipShelf

_YEAR = click.IntRange(dt.MINYEAR, dt.MAXYEAR)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    short_help="Store all invoices of a year in one file.",
    epilog="Example: invoicely audit export --year 2026",
)
@click.option("--year", type=_YEAR, required=True, help="All that was issued in it.")
@click.option("-o", "--output", type=_FILE, help="Where to; invoices-<year>.zip if not said.")
@acting
def export(session: Session, *, year: int, output: Path | None) -> int:
    """Store all invoices of a year in one file, with what proves that none was changed, added or left out."""
    path = output or Path(f"invoices-{year}.zip")
    with ZipShelf(path) as shelf:
        export_year(year, account_id=session.account_id, sources=_sources(), shelf=shelf)
    return _verified(path, session.out, f"Stored {path}.")


@click.command(
    short_help="Verify the export of a year, without an account.",
    epilog="Example: invoicely audit archive invoices-2026.zip",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answering
def archive(out: Output, *, file: Path) -> int:
    """Verify FILE, the export of a year: by itself, without an account, a cloud or a network.

    Every file has to be the one that was recorded, every series whole, every link of its chain right. That
    the chain is the one that was given, only its end can prove: compare it with what `audit numbers` says, or
    what you wrote down. Leaves with 1 where something is wrong, and says where.
    """
    return _verified(file, out)


def _verified(path: Path, out: Output, *lines: str) -> int:
    with ZipExport(path) as exported:
        verified = verify(exported)
    out.record(_plain(verified), *lines, *_told(verified))
    return int(bool(verified.flaws))


def _plain(verified: Verified) -> dict[str, object]:
    manifest = verified.manifest
    return {
        "clean": not verified.flaws,
        "account_id": manifest.account_id,
        "year": manifest.year,
        "documents": len(manifest.documents),
        "series": manifest.series,
        "flaws": verified.flaws,
    }


def _told(verified: Verified) -> Iterator[str]:
    manifest = verified.manifest
    files = sum(len(document.files) for document in manifest.documents)
    yield f"{len(manifest.documents)} documents of {manifest.year}, with {files} files beside them."
    yield from (_plain_line(_end(series, manifest)) for series in manifest.series)
    yield from (_plain_line(f"{flaw.code}: {flaw.told}.") for flaw in verified.flaws)
    yield f"{len(verified.flaws)} wrong." if verified.flaws else "Nothing is wrong."


def _plain_line(said: str) -> str:
    """Whoever made the file has no other say in what the screen shows."""
    return printable(" ".join(said.split()))


def _end(series: ExportedSeries, manifest: Manifest) -> str:
    numbers = f"{series.series}: numbers {series.first} to {series.last}."
    if series.first > 1:
        numbers += f" What was numbered before ends with {series.before_sha256}."
    if unlinked := [each for each in _of(series, manifest) if not each.chain_sha256]:
        numbers += f" {len(unlinked)} of them in no chain: nothing proves what they say."
    return f"{numbers} Its chain ends with {series.chain_sha256}." if series.chain_sha256 else numbers


def _of(series: ExportedSeries, manifest: Manifest) -> Iterator[ExportedDocument]:
    return (each for each in manifest.documents if each.series == series.series)


def _sources() -> Sources:
    return Sources(
        register=wiring.register(),
        invoices=wiring.invoices(),
        credit_notes=wiring.credit_notes(),
        deliveries=wiring.deliveries(),
        archive=wiring.archive(),
    )
