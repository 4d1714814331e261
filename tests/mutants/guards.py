"""Finds the guards of the code: what makes it right when others write too, or when something arrives twice.

Each part of a condition is a guard of its own, for each may be missing by itself.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCANNED = ("domain", "events", "infrastructure", "handlers", "template.yaml")
LEFT_OUT = {
    "handlers/cli": "what a person types, and sees at once",
    "infrastructure/delimited.py": "reads a person's file, who is told of every row that was refused",
    "infrastructure/documents": "what stands on paper, which the tests read as it was printed",
    "infrastructure/local_cloud": "runs on a developer's machine and nowhere else",
    "infrastructure/toggl.py": "as delimited.py",
}

_CONDITION = re.compile(r"attribute_(not_)?exists\(|[#\w]+ (=|<>|[<>]=?|BETWEEN) :")
_PARTITION = re.compile(r"\w*PK = :\w+")  # without it DynamoDB answers no query
_JOINED = re.compile(r" (?:AND|OR) (?!:)")
_BOUND = re.compile(r"_?(MOST|LONGEST|HIGHEST)_\w+|_?LONGEST|_?LONG|\w*_(ATTEMPTS|SECONDS)(_OF)?")
_STATE = re.compile(r"state|progress|status|removed|version|VERSION|most_\w+")
_OPTIONS = {
    *("condition", "ClientRequestToken", "token", "ConsistentRead", "consistent", "IfNoneMatch"),
    *("connect_timeout", "read_timeout", "retries"),
}
_TEMPLATE = re.compile(
    r"(maxReceiveCount|deadLetterTargetArn|redrivePermission|VisibilityTimeout|MessageRetentionPeriod"
    r"|FunctionResponseTypes|BisectBatchOnFunctionError|StartingPosition|DestinationConfig|DeadLetterConfig"
    r"|BatchSize|MaximumConcurrency"
    r"|Maximum(?:RetryAttempts|RecordAgeInSeconds|EventAgeInSeconds)"
    r"|- Pattern|FilterPolicyScope|RawMessageDelivery|- prefix: invoicely|- invoicely\.\w+"
    r"|RedrivePolicy: \{|Condition: \{|AuthorizationType)\b"
)


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard, and the characters of the file from *start* to before *end* that it consists of."""

    file: str
    line: int
    start: int
    end: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"

    def meets(self, changed: range) -> bool:
        """Whether some of its characters are among those *changed*."""
        return changed.start < self.end and self.start < changed.stop


def all_guards() -> Iterator[Guard]:
    """Every guard of what is deployed."""
    for file in _files():
        source = (ROOT / file).read_text()
        yield from in_template(file, source) if file.endswith(".yaml") else in_python(file, source)


def in_python(file: str, source: str) -> Iterator[Guard]:
    """The guards of a module, in the order of its lines, none of them twice."""
    tree = ast.parse(source)
    told = [child for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for child in ast.walk(node)]
    found = {
        guard
        for node in ast.walk(tree)
        if node not in told
        for part in _guarding(node)
        for guard in _parts(file, source, part)
    }
    yield from sorted(found, key=lambda guard: (guard.start, guard.end))


def in_template(file: str, source: str) -> Iterator[Guard]:
    """The lines of a template that decide what passes, what comes back and what is given up."""
    start = 0
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        code = line.partition(" #")[0].rstrip()
        if _TEMPLATE.search(code):
            begin = start + len(line) - len(line.lstrip())
            yield Guard(file, number, begin, start + len(code), code.strip())
        start += len(line)


def _files() -> Iterator[str]:
    for name in SCANNED:
        found = ROOT / name
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            file = path.relative_to(ROOT).as_posix()
            if not any(file == out or file.startswith(f"{out}/") for out in LEFT_OUT):
                yield file


def _guarding(node: ast.AST) -> Iterator[ast.expr]:  # noqa: C901 - one case for each kind of guard
    """What of *node* is a guard."""
    match node:
        case ast.keyword(arg=str(name), value=value) if name in _OPTIONS and not _is_passed_on(name, value):
            yield value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value in {*_OPTIONS, "ConditionExpression"}:
                    yield value
        case ast.Constant(value=str(text)) if _CONDITION.match(text):
            yield node
        case ast.Compare(left=left, comparators=others):
            if any(_STATE.fullmatch(_name(each) or "") for each in (left, *others)):
                yield node
        case ast.Name(id=name, ctx=ast.Load()) if _BOUND.fullmatch(name):
            yield node
        case ast.If(test=test, body=[*_, ast.Raise()]):
            yield test
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield caught
        case ast.match_case(guard=ast.expr() as guard):
            yield guard
        case ast.FunctionDef(decorator_list=decorators):
            yield from (
                each for each in decorators if isinstance(each, ast.Call) and _name(each.func) == "retrying"
            )


def _is_passed_on(name: str, value: ast.expr) -> bool:
    """Whether an argument is only handed down under its own name; who made it is the guard then."""
    match value:
        case ast.Name(id=passed_on):
            return passed_on == name
        case ast.Constant(value=given):
            return not given
    return False


def _name(node: ast.expr) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case _:
            return None


def _parts(file: str, source: str, node: ast.expr) -> Iterable[Guard]:
    start, end = (
        _offset(source, node.lineno, node.col_offset),
        _offset(source, node.end_lineno, node.end_col_offset),
    )
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        begin = start + source[start:end].find(node.value)
        for part in _JOINED.split(node.value):
            if _PARTITION.fullmatch(part):
                continue
            at = begin + node.value.find(part)
            yield Guard(file, node.lineno, at, at + len(part), part)
    else:
        yield Guard(file, node.lineno, start, end, " ".join(source[start:end].split()))


def _offset(source: str, line: int | None, column: int | None) -> int:
    """How many characters stand before a place, whose *column* counts bytes."""
    lines = source.splitlines(keepends=True)
    before = lines[: (line or 1) - 1]
    return sum(map(len, before)) + len(lines[len(before)].encode()[: column or 0].decode())
