"""Reads the lists of mutants, and makes one of them."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

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
    """The mutants of all lists, in their order."""
    return tuple(mutant for path in lists() for mutant in _read(path) if isinstance(mutant, Mutant))


def everything_listed() -> tuple[Mutant | Exempt, ...]:
    """All that the lists claim."""
    return tuple(listed for path in lists() for listed in _read(path))


def lists() -> Sequence[Path]:
    """The lists, one for each file that has guards."""
    return sorted(LISTS.rglob("*.toml"))


@cache
def _read(path: Path) -> tuple[Mutant | Exempt, ...]:
    return tuple(_listed_in(path))


def _listed_in(path: Path) -> Iterator[Mutant | Exempt]:
    told = tomllib.loads(path.read_text())
    file, tests = told["file"], tuple(told.get("tests", ()))
    source = (ROOT / file).read_text()
    for mutant in told.get("mutant", ()):
        code = mutant["code"]
        for start in _places(path, source, code, each=mutant.get("each", False)):
            where = f" ({_line(source, start)})" if mutant.get("each") else ""
            yield Mutant(
                name=mutant["name"] + where,
                file=file,
                start=start,
                code=code,
                becomes=mutant["becomes"],
                tests=tuple(mutant.get("tests", tests)),
            )
    for exempt in told.get("exempt", ()):
        for start in _places(path, source, exempt["code"], each=exempt.get("each", False)):
            yield Exempt(file=file, start=start, code=exempt["code"], because=exempt["because"])


def _places(path: Path, source: str, code: str, *, each: bool) -> Sequence[int]:
    """Where *code* stands in the file."""
    found: list[int] = []
    while (start := source.find(code, found[-1] + 1 if found else 0)) >= 0:
        found.append(start)
    if not found:
        raise ListError(f"{path.name}: this stands no more in the code; has it moved?\n{code}")
    if len(found) > 1 and not each:
        raise ListError(
            f"{path.name}: this stands {len(found)} times; quote more, or say each = true:\n{code}"
        )
    return found


def _line(source: str, start: int) -> str:
    return f"line {source.count(chr(10), 0, start) + 1}"


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
