"""Take the rows of an import, and take its entries back: each as often as one likes, from wherever one died.

    each 100 rows    look up what is there ──▶ keep what is foreseen ──▶ still wanted? ──▶ add entries

What is foreseen is stored before the entries are, so no entry of an import is ever unknown to it: an undo
finds them all. An entry says which import took it, so whoever does the same again knows it from the same
row of an earlier file. Who adds entries looks afterwards whether the import was given up meanwhile, and then
takes them back; of an import and its undo, the one that ends last leaves nothing behind.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from domain.clients import Clients
from domain.errors import ConflictError, NotFoundError
from domain.identifiers import AccountId, ImportId, WorkId
from domain.import_rows import ROWS_A_PART, Counts, Result, Results, RowResult, shortened
from domain.imports import (
    MOST_ROWS,
    Failure,
    Format,
    Import,
    Imports,
    NothingUploadedError,
    State,
    UploadChangedError,
    Uploads,
)
from domain.timesheets import NotAnExportError, Planned, Refusal, Row, plan_work
from domain.work import KnownWork, WorkEntries, WorkEntry, WorkIsInvoicedError

Readers = Mapping[Format, Callable[[bytes], Sequence[Row | Refusal]]]
Item = TypeVar("Item")


class TooManyRowsError(NotAnExportError):
    """The file has more rows than one import takes."""

    code = "too-many-rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """The ports that it takes, and how far it is: `progress` is told of the rows that are dealt with."""

    imports: Imports
    results: Results
    clients: Clients
    work: WorkEntries
    known: KnownWork
    progress: Callable[[int], None] = lambda _: None

    def take(self, rows: Iterable[Row | Refusal], import_: Import, *, now: dt.datetime) -> Import:
        """Take each row of a started import that can be taken, and tell what became of every one.

        Raises:
            TryAgainLaterError: the store gave up half-way; taking the same rows once more goes on.
        """
        taking = _Taking(self, import_)
        planned = plan_work(rows, account_id=import_.account_id, import_id=import_.id, clients=self.clients)
        for number, part in enumerate(_parts(planned), start=1):
            if not taking.take(number, part):
                break
        return self._settled(import_, now)

    def foresee(
        self, rows: Iterable[Row | Refusal], *, account_id: AccountId, import_id: ImportId
    ) -> Iterator[RowResult]:
        """What would become of each row if it were taken now; nothing is stored."""
        planned = plan_work(rows, account_id=account_id, import_id=import_id, clients=self.clients)
        foresight = _Foresight(self.imports, account_id, import_id)
        for part in _parts(planned):
            there = self.there(account_id, part)
            yield from (foresight.of(each, there) for each in part)

    def take_back(self, import_: Import, *, now: dt.datetime) -> Import:
        """Remove every entry of an import that is given up, but those that an invoice has claimed."""
        for part in self.results.parts(account_id=import_.account_id, import_id=import_.id):
            ids = {row.line: row.work_id for row in part.of_the_import() if row.work_id}
            entries = self.known.among(account_id=import_.account_id, work_ids=[*ids.values()])
            fates = {line: self._take_back(entries.get(work_id), import_) for line, work_id in ids.items()}
            self.results.update(
                account_id=import_.account_id,
                import_id=import_.id,
                number=part.number,
                change=lambda stored, fates=fates: stored.having(fates),  # type: ignore[misc] # mypy infers no default
            )
        counts = self.counted(import_)
        return self.imports.update(
            account_id=import_.account_id,
            import_id=import_.id,
            change=lambda stored: stored.undone(counts, now),
        )

    def there(self, account_id: AccountId, part: Sequence[Planned | Refusal]) -> Mapping[WorkId, WorkEntry]:
        """Which of the entries that are planned there are already."""
        ids = [each.entry.id for each in part if isinstance(each, Planned)]
        return self.known.among(account_id=account_id, work_ids=ids)

    def counted(self, import_: Import) -> Counts:
        """What became of the rows so far."""
        return Counts.of(self.results.parts(account_id=import_.account_id, import_id=import_.id))

    def _settled(self, import_: Import, now: dt.datetime) -> Import:
        """The import at the end of its rows, or without its entries where it was given up meanwhile."""
        counts = self.counted(import_)
        settled = self.imports.update(
            account_id=import_.account_id,
            import_id=import_.id,
            change=lambda stored: stored.finished(counts, now),
        )
        return self.take_back(settled, now=now) if settled.is_given_up else settled

    def _take_back(self, entry: WorkEntry | None, import_: Import) -> Result:
        """Entries of others stay: the same row may be part of another import by now."""

        def remove(stored: WorkEntry) -> WorkEntry:
            return stored.taken_back() if stored.import_id == import_.id else stored

        if entry is None or entry.removed:
            return Result.UNDONE
        try:
            self.work.update(account_id=import_.account_id, work_id=entry.id, change=remove)
        except WorkIsInvoicedError:
            return Result.KEPT
        return Result.UNDONE


@dataclass(frozen=True, slots=True)
class _Foresight:
    """Knows which rows a given import can take; `undone` remembers of which imports nothing is left."""

    imports: Imports
    account_id: AccountId
    import_id: ImportId
    undone: dict[ImportId, bool] = field(default_factory=dict)

    def of(self, planned: Planned | Refusal, there: Mapping[WorkId, WorkEntry]) -> RowResult:
        if isinstance(planned, Refusal):
            reason = shortened(planned.reason)
            return RowResult(line=planned.line, result=Result.REFUSED, code=planned.code, reason=reason)
        stored = there.get(planned.entry.id)
        is_free = stored is None or stored.import_id == self.import_id or self._is_undone(stored)
        result = Result.TAKEN if is_free else Result.ALREADY_THERE
        return RowResult(line=planned.line, result=result, work_id=planned.entry.id)

    def _is_undone(self, stored: WorkEntry) -> bool:
        """Whether an entry was removed together with its import: the same row may come again then."""
        if not stored.removed or (import_id := stored.import_id) is None:
            return False
        if import_id not in self.undone:
            self.undone[import_id] = self._was_undone(import_id)
        return self.undone[import_id]

    def _was_undone(self, import_id: ImportId) -> bool:
        try:
            import_ = self.imports.get(account_id=self.account_id, import_id=import_id)
        except NotFoundError:
            return False
        return import_.state is State.UNDONE


class _Taking:
    """Takes the parts of one import, one after the other."""

    def __init__(self, importer: Importer, import_: Import) -> None:
        self._importer, self._import = importer, import_
        self._foresight = _Foresight(importer.imports, import_.account_id, import_.id)

    def take(self, number: int, part: Sequence[Planned | Refusal]) -> bool:
        """Take a part, unless the import is given up."""
        there = self._importer.there(self._import.account_id, part)
        foreseen = [self._foresight.of(each, there) for each in part]
        self._keep(number, foreseen)
        if not self._is_wanted():
            return False
        lost: list[int] = []
        for place, (each, row) in enumerate(zip(part, foreseen, strict=True)):
            if isinstance(each, Planned) and row.result is Result.TAKEN:
                lost += [] if self._store(each.entry, there.get(each.entry.id)) else [each.line]
            self._importer.progress((number - 1) * ROWS_A_PART + place + 1)
        self._give_up(number, lost)
        return True

    def _keep(self, number: int, foreseen: Sequence[RowResult]) -> None:
        self._importer.results.update(
            account_id=self._import.account_id,
            import_id=self._import.id,
            number=number,
            change=lambda stored: stored.foreseen(foreseen),
        )

    def _is_wanted(self) -> bool:
        current = self._importer.imports.get(account_id=self._import.account_id, import_id=self._import.id)
        return not current.is_given_up

    def _store(self, entry: WorkEntry, stored: WorkEntry | None) -> bool:
        """Whether the entry is this import's in the end; another one may have been faster."""
        if stored and stored.import_id == entry.import_id:
            return True
        work = self._importer.work
        try:
            if stored is None:
                work.add(entry=entry)
            else:
                work.update(
                    account_id=entry.account_id,
                    work_id=entry.id,
                    change=lambda current: current.taken_again(entry, after=stored),
                )
        except ConflictError:
            found = work.get(account_id=entry.account_id, work_id=entry.id)
            return found.import_id == entry.import_id
        return True

    def _give_up(self, number: int, lines: Sequence[int]) -> None:
        if lines:
            self._importer.results.update(
                account_id=self._import.account_id,
                import_id=self._import.id,
                number=number,
                change=lambda stored: stored.having(dict.fromkeys(lines, Result.ALREADY_THERE)),
            )


def import_work(
    import_id: ImportId,
    *,
    account_id: AccountId,
    uploads: Uploads,
    readers: Readers,
    importer: Importer,
    now: dt.datetime,
) -> Import:
    """Do what is left to do of an import: take the rows of its upload, or take its entries back.

    A file that is no export fails the import, and that is told by its state: nobody has to mend anything.

    Raises:
        TryAgainLaterError: a dependency is down; the same call goes on from there.
    """
    import_ = importer.imports.get(account_id=account_id, import_id=import_id)
    if import_.is_given_up:
        return importer.take_back(import_, now=now)
    if import_.state is not State.STARTED or import_.content is None:
        return import_
    try:
        content = uploads.get(account_id=account_id, import_id=import_id, content=import_.content)
        rows = _few(readers[import_.format](content))
    except (NotAnExportError, NothingUploadedError, UploadChangedError) as error:
        failure = Failure(code=error.code, reason=str(error))
        counts = importer.counted(import_)
        return importer.imports.update(
            account_id=account_id,
            import_id=import_id,
            change=lambda stored: stored.failed(failure, counts, now),
        )
    return importer.take(rows, import_, now=now)


def _few(rows: Sequence[Row | Refusal]) -> Sequence[Row | Refusal]:
    if len(rows) > MOST_ROWS:
        raise TooManyRowsError(
            f"the file has {len(rows)} rows; at most {MOST_ROWS} are taken, so export fewer months at once"
        )
    return rows


def _parts(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    left = iter(items)
    while part := list(islice(left, ROWS_A_PART)):
        yield part
