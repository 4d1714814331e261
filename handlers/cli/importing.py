"""`invoicely work import`, `imports` and `undo`: take over work from another tracker, or give it back."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from domain.identifiers import AccountId, ImportId, import_id
from domain.import_rows import Result, RowResult
from domain.imports import Format, Import, begin_import, undo_import
from domain.paging import every
from domain.timesheets import Refusal, Row
from handlers.cli.exits import Exit
from handlers.cli.progress import counting
from handlers.cli.session import Session, acting
from infrastructure import toggl, wiring
from infrastructure.delimited import MOST_BYTES
from infrastructure.views.imports import of_import

_REHEARSAL = import_id("0" * 16)


@click.command("import", epilog="Example: invoicely work import examples/toggl-october-2026.csv --dry-run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Store nothing; tell what would be taken.")
@acting
def import_(session: Session, *, file: Path, dry_run: bool) -> int:
    """Import FILE, Toggl Track's detailed report as CSV.

    Clients are found by name. The same rows are never taken twice, whichever files they stand in. Rows that
    cannot be taken are told with their line, and the others are taken; the exit code is 6 then.
    """
    with file.open("rb") as stream:
        rows = toggl.read(content := stream.read(MOST_BYTES + 1))
    with counting("Importing" if not dry_run else "Reading", total=len(rows)) as progress:
        taken = None if dry_run else take(rows, session.account_id, file.name, len(content), progress)
        results = [*(rehearse(rows, session.account_id, progress) if taken is None else rows_of(taken))]
    refused = [row for row in results if row.result is Result.REFUSED]
    if not session.out.as_json:
        for row in refused:
            session.out.say(f"{file}:{row.line}: {row.reason}")
    added = [row.work_id for row in results if row.result is Result.TAKEN]
    known = sum(row.result is Result.ALREADY_THERE for row in results)
    verb = "Would import" if taken is None else "Imported"
    session.out.record(
        {
            "file": str(file),
            "dry_run": dry_run,
            **({"import_id": taken.id} if taken else {}),
            "rows": len(rows),
            "added": added,
            "known": known,
            "refused": [{"line": row.line, "code": row.code, "reason": row.reason} for row in refused],
        },
        f"{verb} {len(added)} entries; {known} were known already, {len(refused)} refused.",
    )
    return Exit.PARTIAL if refused else Exit.OK


@click.command(epilog="Example: invoicely work imports")
@acting
def imports(session: Session) -> None:
    """List what was imported, the newest first."""
    found = [
        *every(lambda cursor: wiring.imports().list(account_id=session.account_id, cursor=cursor)),
    ]
    session.out.table(
        [of_import(import_) for import_ in found],
        *("Began", "File", "State", ">Taken", ">Known", ">Refused", "Id"),
        rows=map(_row, found),
        empty="Nothing was imported.",
    )


@click.command(
    short_help="Remove all work that an import brought.", epilog="Example: invoicely work undo imp_…"
)
@click.argument("import_id", metavar="IMPORT")
@acting
def undo(session: Session, *, import_id: str) -> None:
    """Remove all work that IMPORT brought, while no invoice has any of it."""
    undoing = undo_import(
        ImportId(import_id),
        account_id=session.account_id,
        imports=wiring.imports(),
        results=wiring.import_results(),
        known=wiring.known_work(),
    )
    undone = wiring.importer().take_back(undoing, now=wiring.now())
    kept = f"; {undone.counts.kept} stay, for an invoice was faster" if undone.counts.kept else ""
    session.out.record(of_import(undone), f"Removed {undone.counts.undone} entries{kept}.")


def take(
    rows: Sequence[Row | Refusal],
    account_id: AccountId,
    filename: str,
    size: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Import:
    """Import the rows into the account, as one import that can be undone."""
    begun = begin_import(
        filename,
        size=size,
        format_=Format.TOGGL,
        account_id=account_id,
        imports=wiring.imports(),
        now=wiring.now(),
        new_id=wiring.new_id,
    )
    return wiring.importer(progress).take(rows, begun, now=wiring.now())


def rehearse(
    rows: Sequence[Row | Refusal], account_id: AccountId, progress: Callable[[int], None]
) -> Iterator[RowResult]:
    """What would become of each row; nothing is stored."""
    foreseen = wiring.importer().foresee(rows, account_id=account_id, import_id=_REHEARSAL)
    for done, row in enumerate(foreseen, start=1):
        progress(done)
        yield row


def rows_of(import_: Import) -> Iterator[RowResult]:
    """What became of each row."""
    parts = wiring.import_results().parts(account_id=import_.account_id, import_id=import_.id)
    for part in parts:
        yield from part.rows


def _row(import_: Import) -> tuple[Any, ...]:
    counts = import_.counts
    began = f"{import_.created_at:%Y-%m-%d %H:%M}"
    told = str(counts.taken), str(counts.already_there), str(counts.refused)
    return began, import_.filename, import_.state.value, *told, import_.id
