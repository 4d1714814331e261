"""`invoicely work import`: take over the work that another time tracker has recorded."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId
from domain.timesheets import Imported, Refusal, Row, import_work
from domain.work import WorkEntries, WorkEntry
from handlers.cli.exits import Exit
from handlers.cli.progress import counting
from handlers.cli.session import Session, acting
from infrastructure import toggl, wiring
from infrastructure.delimited import MOST_BYTES


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
        rows = toggl.read(stream.read(MOST_BYTES + 1))
    with counting("Importing" if not dry_run else "Reading", total=len(rows)) as progress:
        imported = take(rows, session.account_id, dry_run=dry_run, progress=progress)
    verb = "Would import" if dry_run else "Imported"
    refused = [f"{file}:{refusal.line}: {refusal.reason}" for refusal in imported.refused]
    if not session.out.as_json:
        for line in refused:
            session.out.say(line)
    session.out.record(
        {
            "file": str(file),
            "dry_run": dry_run,
            "rows": len(rows),
            "added": imported.added,
            "known": imported.known,
            "refused": [asdict(refusal) for refusal in imported.refused],
        },
        f"{verb} {len(imported.added)} entries; {imported.known} were known already, {len(refused)} refused.",
    )
    return Exit.PARTIAL if refused else Exit.OK


def take(
    rows: Sequence[Row | Refusal],
    account_id: AccountId,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Import the rows into the account; with *dry_run* only as if."""
    work = Rehearsal(wiring.work()) if dry_run else wiring.work()
    return import_work(rows, account_id=account_id, clients=wiring.clients(), work=work, progress=progress)


class Rehearsal:
    """Implements `domain.work.WorkEntries`: the entries that there are, to which nothing is added."""

    def __init__(self, work: WorkEntries) -> None:
        self._work = work
        self.get, self.update, self.list, self.unbilled = work.get, work.update, work.list, work.unbilled

    def add(self, *, entry: WorkEntry) -> None:
        try:
            self._work.get(account_id=entry.account_id, work_id=entry.id)
        except NotFoundError:
            return
        raise ConflictError(f"there is a work entry {entry.id} already")
