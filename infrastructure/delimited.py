"""Rows of a CSV file, each with the number of its first line and its cells by the names of their columns.

    bytes ──▶ text ──▶ header: which column stands where, and what separates them
                  └──▶ row by row: Cells, or a Refusal where a row cannot be told apart

A stray quote can swallow the lines below it. So where a row is broken only its first line is given up, and
the next line is tried as a row again: `read` never loses a good row to a bad one.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.timesheets import NotAnExportError, Refusal, folded

MOST_BYTES = 10_000_000
_MOST_LINES = 200_000  # no export of so many bytes has as many: each costs memory, be it empty
_LONGEST_HEADER = 10_000
_MOST_LINES_A_ROW = 100
_NO_LINE_ENDS = dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row: `values` has each known column that the file has."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Header:
    places: Mapping[str, int]
    columns: int
    separator: str


def read(content: bytes, *, needed: Sequence[str], optional: Sequence[str]) -> Sequence[Cells | Refusal]:
    """Read a whole file. Columns are found by name, whatever their order and case; unknown ones are left out.

    Raises:
        NotAnExportError: it is not text, too large, or lacks a needed column.
    """
    lines = _lines(_text(content))
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise NotAnExportError("the file is empty")
    header = _header(lines[first], needed, optional)
    return list(_rows(lines, first + 1, header))


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise NotAnExportError(
            f"the file has more than {MOST_BYTES // 1_000_000} MB; export fewer months at once"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAnExportError("the file is not text in UTF-8") from error
    if "\0" in text:
        raise NotAnExportError("the file is not text")
    return text


def _lines(text: str) -> list[str]:
    """The lines as every editor counts them, their ends included; no other characters end one."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NO_LINE_ENDS)
    if plain.count("\n") > _MOST_LINES:
        raise NotAnExportError(f"the file has more than {_MOST_LINES:,} lines; export fewer months at once")
    return plain.splitlines(keepends=True)


def _header(line: str, needed: Sequence[str], optional: Sequence[str]) -> _Header:
    if len(line) > _LONGEST_HEADER:
        raise NotAnExportError("the file's first line is no header: it is too long")
    separator = ";" if line.count(";") > line.count(",") else ","
    try:
        names = [folded(name) for name in next(csv.reader([line], delimiter=separator, strict=True))]
    except csv.Error as error:
        raise NotAnExportError(f"the file's first line is no header: {error}") from error
    if missing := [name for name in needed if folded(name) not in names]:
        raise NotAnExportError(f"the file has no column {_listed(missing)}")
    known = [name for name in (*needed, *optional) if folded(name) in names]
    if twice := [name for name in known if names.count(folded(name)) > 1]:
        raise NotAnExportError(f"the file has more than one column {_listed(twice)}")
    return _Header({name: names.index(folded(name)) for name in known}, len(names), separator)


def _rows(lines: Sequence[str], place: int, header: _Header) -> Iterator[Cells | Refusal]:
    while place < len(lines):
        row, taken = _row(lines, place, header)
        if row is not None:
            yield row
        place += taken


def _row(lines: Sequence[str], place: int, header: _Header) -> tuple[Cells | Refusal | None, int]:
    """The row that begins in *place*, none where the line is empty, and how many lines it takes."""
    reader = csv.reader(
        lines[place : place + _MOST_LINES_A_ROW],
        delimiter=header.separator,
        strict=True,
    )
    try:
        row = next(reader)
    except csv.Error as error:
        return Refusal(
            place + 1,
            "broken-row",
            f"cannot be split into cells: {error}; look for a stray quote",
        ), 1
    if not row:
        return None, 1
    if len(row) != header.columns:
        reason = (
            f"has {len(row)} cells, but the header has {header.columns}; look for a stray quote or separator"
        )
        return Refusal(place + 1, "broken-row", reason), 1
    return Cells(place + 1, {name: row[at] for name, at in header.places.items()}), reader.line_num


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
