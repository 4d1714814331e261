"""Work imported from another program's export: asked for, uploaded, taken row by row, and undone as a whole.

    waiting ──start──▶ started ──every row──▶ finished
       │                  └──no export──▶ failed
       └───── undo, from any of these ─────▶ undoing ──every entry──▶ undone

What became of each row is kept beside the import (see `import_rows`). `domain.importing` does the work.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from domain import checks
from domain.errors import ConflictError, InvalidError, Problem, WillNeverWorkError
from domain.identifiers import AccountId, ImportId, import_id, known_import
from domain.import_rows import Counts, Result, Results, RowResult, Rows
from domain.paging import Page
from domain.work import KnownWork

MOST_BYTES = 5_000_000
"""How large an upload may be."""

MOST_ROWS = 10_000
"""How many rows of an upload are taken."""

_MOST_PARTS_READ = 10


class Format(StrEnum):
    """Whose export it is."""

    TOGGL = "toggl"


class State(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDetails:
    """A file that is to be uploaded: `size` is in bytes, and no other size will be taken."""

    filename: str
    size: int
    format: Format

    def __post_init__(self) -> None:
        checks.require(
            checks.text("filename", self.filename, longest=255),
            checks.number("size", self.size, least=1, most=MOST_BYTES),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the file could not be taken."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import as stored.

    `content` marks what was uploaded when it was started; without it, whoever began it has the rows at hand.
    """

    id: ImportId
    account_id: AccountId
    filename: str
    size: int
    format: Format
    created_at: dt.datetime
    state: State = State.WAITING
    content: str | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    failure: Failure | None = None
    counts: Counts = field(default_factory=Counts)
    version: int = 1

    def __post_init__(self) -> None:
        checks.require(checks.text("filename", self.filename, longest=255))

    @property
    def is_given_up(self) -> bool:
        """Whether somebody has undone it, so that nothing of it may stay."""
        return self.state in {State.UNDOING, State.UNDONE}

    def started(self, content: str | None, now: dt.datetime) -> "Import":
        """About to be taken.

        Raises:
            ImportIsStartedError: it was before.
        """
        if self.state is not State.WAITING:
            raise ImportIsStartedError(f"{self.id} is {self.state}; ask for another import")
        return replace(self, state=State.STARTED, content=content, started_at=now)

    def finished(self, counts: Counts, now: dt.datetime) -> "Import":
        """All rows are dealt with; of two that find out so, the later one's counts hold."""
        if self.state not in {State.STARTED, State.FINISHED} or (self.ended_at and self.counts == counts):
            return self
        return replace(self, state=State.FINISHED, counts=counts, ended_at=now)

    def failed(self, failure: Failure, counts: Counts, now: dt.datetime) -> "Import":
        """Nothing, or no more, can be taken of the file."""
        if self.state is not State.STARTED:
            return self
        return replace(self, state=State.FAILED, failure=failure, counts=counts, ended_at=now)

    def undoing(self) -> "Import":
        """About to be as if it had never been; whoever still takes rows of it stops."""
        return self if self.is_given_up else replace(self, state=State.UNDOING)

    def undone(self, counts: Counts, now: dt.datetime) -> "Import":
        """Its entries are removed."""
        if self.state is State.UNDONE and self.counts == counts:
            return self
        return replace(self, state=State.UNDONE, counts=counts, ended_at=now)


class ImportIsStartedError(ConflictError):
    """An import is started once."""

    code = "import-already-started"


class NothingUploadedError(ConflictError):
    """The import's file has not been uploaded, or is not there any more."""

    code = "nothing-uploaded"


class UploadChangedError(WillNeverWorkError):
    """Another file was uploaded after the import was started."""

    code = "upload-changed"


class ImportIsInvoicedError(ConflictError):
    """Entries of the import stand on invoices, so it cannot be undone; nothing was changed."""

    code = "import-is-invoiced"

    def __init__(self, import_: ImportId, invoiced: int) -> None:
        entries = "1 entry stands" if invoiced == 1 else f"{invoiced} entries stand"
        super().__init__(f"{entries} on invoices, so {import_} cannot be undone; nothing was changed")
        self.invoiced = invoiced


class Imports(Protocol):
    """The imports of each account."""

    def add(self, *, import_: Import) -> None:
        """Raise `ConflictError` where the id is taken; nothing is stored then."""
        ...

    def get(self, *, account_id: AccountId, import_id: ImportId) -> Import:
        """The import as of now; raise `NotFoundError` where there is none."""
        ...

    def update(
        self, *, account_id: AccountId, import_id: ImportId, change: Callable[[Import], Import]
    ) -> Import:
        """Store what *change* makes of the import, one version later; it runs again after a lost race."""
        ...

    def list(self, *, account_id: AccountId, limit: int = 100, cursor: str | None = None) -> Page[Import]:
        """The account's imports, the newest first."""
        ...


class Uploads(Protocol):
    """The files of imports."""

    def address(
        self, *, account_id: AccountId, import_id: ImportId, size: int
    ) -> tuple[str, Mapping[str, str]]:
        """The address that takes *size* bytes by PUT for some minutes, and the headers to send along."""
        ...

    def mark(self, *, account_id: AccountId, import_id: ImportId) -> str:
        """What tells the file that is there from any other; `NothingUploadedError` where there is none."""
        ...

    def get(self, *, account_id: AccountId, import_id: ImportId, content: str) -> bytes:
        """The file with that mark.

        Raises:
            NothingUploadedError: it is not there any more.
            UploadChangedError: another one is there.
        """
        ...


def ask_for_import(
    details: ImportDetails,
    *,
    account_id: AccountId,
    imports: Imports,
    now: dt.datetime,
    new_id: Callable[[], str],
) -> Import:
    """Store an import whose file is still to be uploaded.

    A new id is taken only where the same request was begun before; then that import is returned.
    """
    import_ = Import(
        id=import_id(new_id()),
        account_id=account_id,
        filename=details.filename,
        size=details.size,
        format=details.format,
        created_at=now,
    )
    try:
        imports.add(import_=import_)
    except ConflictError:
        return imports.get(account_id=account_id, import_id=import_.id)
    return import_


def begin_import(
    filename: str,
    *,
    size: int,
    format_: Format,
    account_id: AccountId,
    imports: Imports,
    now: dt.datetime,
    new_id: Callable[[], str],
) -> Import:
    """Store an import whose rows are at hand: it is started, without an upload, and the caller takes them."""
    import_ = Import(
        id=import_id(new_id()),
        account_id=account_id,
        filename=filename,
        size=size,
        format=format_,
        created_at=now,
        state=State.STARTED,
        started_at=now,
    )
    imports.add(import_=import_)
    return import_


def start_import(
    import_id: ImportId, *, account_id: AccountId, imports: Imports, uploads: Uploads, now: dt.datetime
) -> Import:
    """Have the uploaded file taken; what is uploaded later is not.

    Raises:
        NotFoundError: the account has no such import.
        ImportIsStartedError: it was started, or undone.
        NothingUploadedError: there is no file yet.
    """
    known_import(import_id)
    imports.get(account_id=account_id, import_id=import_id).started(None, now)
    content = uploads.mark(account_id=account_id, import_id=import_id)
    return imports.update(
        account_id=account_id, import_id=import_id, change=lambda import_: import_.started(content, now)
    )


def undo_import(
    import_id: ImportId, *, account_id: AccountId, imports: Imports, results: Results, known: KnownWork
) -> Import:
    """Have every entry of the import removed; undoing twice is the same as once.

    An invoice that claims an entry after this was asked keeps it: its row ends as `kept`.

    Raises:
        NotFoundError: the account has no such import.
        ImportIsInvoicedError: invoices have claimed some of its entries.
    """
    known_import(import_id)
    import_ = imports.get(account_id=account_id, import_id=import_id)
    if import_.is_given_up:
        return import_
    parts = results.parts(account_id=account_id, import_id=import_id)
    if invoiced := sum(_invoiced(part, import_, known) for part in parts):
        raise ImportIsInvoicedError(import_id, invoiced)
    return imports.update(account_id=account_id, import_id=import_id, change=Import.undoing)


def list_rows(
    import_id: ImportId,
    *,
    account_id: AccountId,
    imports: Imports,
    results: Results,
    result: Result | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[RowResult]:
    """What became of the import's rows, in the order of the file; only those with *result*, if one is given.

    Where such rows are rare, a page may hold fewer than *limit* of them, and still not be the last.

    Raises:
        NotFoundError: the account has no such import.
        InvalidError: *cursor* is none of an earlier page.
    """
    known_import(import_id)
    imports.get(account_id=account_id, import_id=import_id)
    number, place = _place(cursor)
    found: list[RowResult] = []
    for part in results.parts(account_id=account_id, import_id=import_id, first=number):
        if part.number >= number + _MOST_PARTS_READ:
            return Page(tuple(found), f"{part.number}.0")
        for at in range(place, len(part.rows)):
            if len(found) == limit:
                return Page(tuple(found), f"{part.number}.{at}")
            if result in {None, part.rows[at].result}:
                found.append(part.rows[at])
        place = 0
    return Page(tuple(found))


def _invoiced(part: Rows, import_: Import, known: KnownWork) -> int:
    ids = [row.work_id for row in part.of_the_import() if row.work_id]
    entries = known.among(account_id=import_.account_id, work_ids=ids).values()
    return sum(entry.import_id == import_.id and entry.invoiced_on is not None for entry in entries)


def _place(cursor: str | None) -> tuple[int, int]:
    """The part, and the row of it, at which a page begins."""
    if cursor is None:
        return 1, 0
    if not (found := re.fullmatch(r"([0-9]{1,6})\.([0-9]{1,6})", cursor)):
        raise InvalidError(Problem("/cursor", "not-a-cursor", "must be the next_cursor of an earlier answer"))
    return int(found[1]), int(found[2])
