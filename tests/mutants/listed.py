"""Reads the lists of mutants, and makes one of them."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from tests.mutants.guards import ROOT

LISTS = Path(__file__).parent


class ListError(Exception):
    """A list does not fit the code; the message says where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The file with one guard gone: from *start* on, *code* becomes something else; *tests* must notice."""

    name: str
    file: str
    start: int
    code: str
    becomes: str
    tests: tuple[str, ...]

    @property
    def changed(self) -> range:
        """The characters of the file that are really another, or between which something is put."""
        before = _common(self.code, self.becomes)
        shorter = min(len(self.code), len(self.becomes)) - before
        behind = min(shorter, _common(self.code[::-1], self.becomes[::-1]))
        first, end = self.start + before, self.start + len(self.code) - behind
        return range(first, end) if first < end else range(first - 1, first + 1)

    def of(self, source: str) -> str:
        """The mutated source."""
        return source[: self.start] + self.becomes + source[self.start + len(self.code) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """A guard without a mutant, and why no test can fail for it."""

    file: str
    start: int
    code: str
    because: str

    @property
    def changed(self) -> range:
        """The characters of the file that are meant."""
        return range(self.start, self.start + len(self.code))


def every_mutant() -> tuple[Mutant, ...]:
    """The mutants of all lists, in their order; raises like `everything_listed`."""
    return tuple(each for each in everything_listed() if isinstance(each, Mutant))


def everything_listed() -> tuple[Mutant | Exempt, ...]:
    """All that the lists claim.

    Raises:
        ListError: something that a list quotes stands no more in the code, or more than once.
    """
    misfits: list[str] = []
    listed = tuple(each for path in sorted(LISTS.rglob("*.toml")) for each in _read(path, misfits))
    if misfits:
        raise ListError("\n\n".join(misfits))
    return listed


def _read(path: Path, misfits: list[str]) -> Iterator[Mutant | Exempt]:
    told, source = _parsed(path)
    file, tests = told["file"], told.get("tests", ())
    for listed in (*told.get("mutant", ()), *told.get("exempt", ())):
        code, each = listed["code"], listed.get("each", False)
        places = _places(source, code)
        if len(places) != 1 and not (each and places):
            misfits.append(f"{file}: {_misfit(len(places))}:\n{code}")
        for start in places:
            if "because" in listed:
                yield Exempt(file=file, start=start, code=code, because=listed["because"])
            else:
                name = listed["name"] + (f" (line {source.count(chr(10), 0, start) + 1})" if each else "")
                named = tuple(listed.get("tests", tests))
                yield Mutant(
                    name=name, file=file, start=start, code=code, becomes=listed["becomes"], tests=named
                )


@cache
def _parsed(path: Path) -> tuple[dict[str, Any], str]:
    """The list, and the file that it is about."""
    told = tomllib.loads(path.read_text())
    return told, (ROOT / told["file"]).read_text()


def _places(source: str, code: str) -> Sequence[int]:
    return [found.start() for found in re.finditer(re.escape(code), source)]


def _misfit(times: int) -> str:
    if times == 0:
        return "this stands no more in the code; where has it moved?"
    return f"this stands {times} times in the code; quote more, or say each = true"


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
