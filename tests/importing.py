"""Where files are imported, with the events that would be published delivered by hand."""

import datetime as dt
from collections.abc import Callable, Sequence

from domain.import_rows import RowResult
from domain.importing import import_work
from domain.imports import Format, Import, ImportDetails, ask_for_import, start_import, undo_import
from domain.timesheets import NotAnExportError, Refusal, Row
from domain.work import WorkEntry
from tests.builders import ADA, a_client, an_account, ids, some_work
from tests.fakes import InMemoryUploads, Moment, Step, Store
from tests.fakes.store import NOON
from tests.turns import Crash
from tests.world import World, in_memory

LATER = NOON + dt.timedelta(hours=1)
OCTOBER_31 = dt.date(2026, 10, 31)
SHEET = b"one\ntwo\n!\nthree"


def read(content: bytes) -> Sequence[Row | Refusal]:
    """An export of lines: each is what was done, or `!` and why it is broken; NUL makes it no export."""
    if b"\x00" in content:
        raise NotAnExportError("the file is not text")
    return [
        Refusal(line, "broken-row", says[1:] or "look for a stray quote")
        if says.startswith("!")
        else a_row(says, line)
        for line, says in enumerate(content.decode().splitlines(), start=2)
    ]


def a_row(says: str, line: int) -> Row:
    details = some_work(date=dt.date(2026, 10, 5), description=says)
    return Row(line=line, client="Acme GmbH", fingerprint=says, details=details)


class Desk:
    """Where files are imported: over one store, with the events that it would publish delivered by hand."""

    def __init__(self) -> None:
        self.store = Store()
        self.world: World = in_memory(self.store).having(an_account(), a_client())
        self.new_id = ids()

    def started(self, content: bytes = SHEET) -> Import:
        """An import whose event is on its way."""
        details = ImportDetails(filename="sheet.txt", size=len(content), format=Format.TOGGL)
        asked = ask_for_import(
            details, account_id=ADA, imports=self.world.imports, now=NOON, new_id=self.new_id
        )
        self.uploads.put(ADA, asked.id, content)
        return start_import(
            asked.id, account_id=ADA, imports=self.world.imports, uploads=self.world.uploads, now=NOON
        )

    @property
    def uploads(self) -> InMemoryUploads:
        assert isinstance(self.world.uploads, InMemoryUploads)
        return self.world.uploads

    def deliver(self, import_: Import) -> Import:
        """What the queue does with an event of the import."""
        return import_work(
            import_.id,
            account_id=ADA,
            uploads=self.world.uploads,
            readers={Format.TOGGL: read},
            importer=self.world.importer(),
            now=LATER,
        )

    def imported(self, content: bytes = SHEET) -> Import:
        return self.deliver(self.started(content))

    def undo(self, import_: Import) -> Import:
        return undo_import(
            import_.id,
            account_id=ADA,
            imports=self.world.imports,
            results=self.world.import_results,
            known=self.world.known_work,
        )

    def undone(self, import_: Import) -> Import:
        self.undo(import_)
        return self.deliver(import_)

    def current(self, import_: Import) -> Import:
        return self.world.imports.get(account_id=ADA, import_id=import_.id)

    def rows(self, import_: Import) -> list[RowResult]:
        parts = self.world.import_results.parts(account_id=ADA, import_id=import_.id)
        return [row for part in parts for row in part.rows]

    def results(self, import_: Import) -> list[str]:
        return [row.result.value for row in self.rows(import_)]

    def entries(self) -> list[WorkEntry]:
        """The work that there is."""
        return sorted(
            (entry for entry in self.store.all(WorkEntry) if not entry.removed),
            key=lambda entry: entry.description,
        )

    def said(self) -> list[str]:
        return [entry.description for entry in self.entries()]

    def claim(self, *entries: WorkEntry) -> None:
        """What an invoice does."""
        for entry in entries:
            self.world.work.update(
                account_id=ADA, work_id=entry.id, change=lambda each: each.claimed(OCTOBER_31)
            )


def crashing(desk: Desk, call: str, at: int, act: Callable[[], object]) -> None:
    """Die before the *at*-th call of a kind."""
    left = iter(range(at - 1))

    def hook(step: Step) -> None:
        if (step.call, step.moment) == (call, Moment.BEFORE) and next(left, None) is None:
            raise Crash

    desk.store.hook = hook
    try:
        act()
    finally:
        desk.store.hook = lambda _: None


STEPS = [
    *(("work.add", number) for number in (1, 2, 3)),
    *(("import_results.update", number) for number in (1, 2)),
    *(("imports.get", number) for number in (1, 2, 3)),
    ("imports.update", 1),
]
