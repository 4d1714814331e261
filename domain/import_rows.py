"""What became of each row of an import: kept beside it, in parts of so many rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from domain.identifiers import AccountId, ImportId, WorkId

ROWS_A_PART = 100
LONGEST_REASON = 400
"""Characters: all rows of a part stand in one item of the table, which holds 400 KB."""


class Result(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    """It is a work entry of this import."""

    ALREADY_THERE = "already-there"
    """The same row had been taken before."""

    REFUSED = "refused"
    """It cannot be taken as it is."""

    UNDONE = "undone"
    """Its entry was removed again, with the import."""

    KEPT = "kept"
    """An invoice had claimed its entry when the import was undone, so it stays."""


_NOT_TAKEN = frozenset({Result.ALREADY_THERE, Result.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of the row that begins in `line`, counted from 1, the header included."""

    line: int
    result: Result
    work_id: WorkId | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some of an import's rows, in the order of the file; parts are numbered from 1."""

    number: int
    rows: tuple[RowResult, ...] = ()
    version: int = 0

    def foreseen(self, rows: Sequence[RowResult]) -> "Rows":
        """The part before its entries are stored, so that an undo finds them, however that ends.

        A row that was taken once stays so: who takes it a second time may find it refused by now.
        """
        stored = {row.line: row for row in self.rows if row.result not in _NOT_TAKEN}
        return replace(self, rows=tuple(stored.get(row.line, row) for row in rows))

    def having(self, results: Mapping[int, Result]) -> "Rows":
        """The part with other results for some lines."""
        changed = (replace(row, result=results.get(row.line, row.result)) for row in self.rows)
        return replace(self, rows=tuple(changed))

    def of_the_import(self) -> tuple[RowResult, ...]:
        """The rows whose entries may be the import's own."""
        return tuple(row for row in self.rows if row.result not in _NOT_TAKEN and row.work_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows met which fate."""

    taken: int = 0
    already_there: int = 0
    refused: int = 0
    undone: int = 0
    kept: int = 0

    @classmethod
    def of(cls, parts: Iterable["Rows"]) -> "Counts":
        found = Counter(row.result for part in parts for row in part.rows)
        return cls(**{result.value.replace("-", "_"): count for result, count in found.items()})


def shortened(reason: str) -> str:
    """Why a row is refused, without the middle of what it quotes: a cell of the file may be of any length."""
    half = LONGEST_REASON // 2
    return reason if len(reason) <= LONGEST_REASON else f"{reason[:half]} … {reason[-half:]}"


class Results(Protocol):
    """What became of each import's rows."""

    def update(
        self, *, account_id: AccountId, import_id: ImportId, number: int, change: Callable[[Rows], Rows]
    ) -> Rows:
        """Store what *change* makes of a part, an empty one where there is none; it runs again as above."""
        ...

    def parts(self, *, account_id: AccountId, import_id: ImportId, first: int = 1) -> Iterator[Rows]:
        """The parts as of now from number *first* on, in order, read only as far as the caller goes."""
        ...
