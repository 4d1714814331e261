"""The parameters behind the `?`: each known, each right, and all that is wrong told at once."""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from domain import calendar, checks
from domain.errors import NotFoundError, Problem, pointer
from domain.identifiers import ClientId, known_client
from handlers.api.refusals import BadQueryError

MOST = 100
USUAL = 20
LONGEST = 2 * 1024
MOST_CHARACTERS = 200

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand behind the `?`: *read* makes a value of its text and raises `ValueError`.

    *schema* says in JSON Schema what it looks like, and *told* what it is for.
    """

    name: str
    read: Callable[[str], Any]
    schema: Mapping[str, Any]
    told: str


def parsed(query: str) -> dict[str, str]:
    """The values behind the `?` by their names, composed (NFC).

    Raises:
        BadQueryError: one stands there twice, or is longer than anybody needs, or is not printable.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    found = {name: unicodedata.normalize("NFC", value) for name, value in pairs}
    wrong = [problem for name, value in found.items() for problem in _wrong(name, value)]
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    wrong += [Problem(pointer(name), "repeated", "must be given once only") for name in twice]
    if wrong:
        raise BadQueryError(*wrong)
    return found


def read(query: Mapping[str, str], parameters: Iterable[Parameter] = ()) -> dict[str, Any]:
    """The *parameters* that are there, each as its value.

    Raises:
        BadQueryError: with a problem for each wrong or unknown parameter.
    """
    readers = {parameter.name: parameter.read for parameter in parameters}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in query.items():
        if reader := readers.get(name):
            try:
                values[name] = reader(text)
            except ValueError as error:
                problems.append(Problem(pointer(name), "bad-value", str(error)))
        else:
            known = f"known are {', '.join(readers)}" if readers else "there are none"
            problems.append(Problem(pointer(name), "unknown-parameter", f"is not a parameter here; {known}"))
    if problems:
        raise BadQueryError(*problems)
    return values


def _wrong(name: str, value: str) -> Iterator[Problem]:
    for problem in checks.text("", value, longest=LONGEST, empty=True):
        yield Problem(pointer(name), problem.code, problem.message)


def limit(text: str) -> int:
    """How many things an answer lists at most."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise ValueError(f"must be a number from 1 to {MOST}")
    return int(text)


def date(text: str) -> dt.date:
    """A day."""
    told = "must be a date such as 2026-10-31"
    try:
        day = calendar.written_date(text)
    except ValueError as error:
        raise ValueError(told) from error
    for problem in checks.date("date", day):
        raise ValueError(problem.message)
    return day


def year(text: str) -> int:
    """A year of our times."""
    told = "must be a year such as 2026"
    if not re.fullmatch("[0-9]{4}", text) or text == "0000":
        raise ValueError(told)
    return int(text)


def instant(name: str, told: str) -> Parameter:
    """A parameter that is an instant."""
    return Parameter(name, moment, {"type": "string", "format": "date-time"}, told)


def moment(text: str) -> dt.datetime:
    """An instant, which says its time zone (RFC 3339)."""
    told = "must be an instant such as 2026-10-31T08:00:00Z"
    if not _INSTANT.fullmatch(text):
        raise ValueError(told)
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(told) from None
    for problem in checks.date("instant", value):
        raise ValueError(problem.message)
    return value


def short(text: str) -> str:
    """A word or a few."""
    for problem in checks.text("text", text, longest=MOST_CHARACTERS):
        raise ValueError(problem.message)
    return text


def client(text: str) -> ClientId:
    """The id of a client, whether there is one or not."""
    try:
        return known_client(text)
    except NotFoundError as error:
        raise ValueError("must be the id of a client such as cli_06f3k9q2m4x7v1ta") from error


def project(text: str) -> str:
    """The name of a project; `parsed` has composed it, as names are stored."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"must have at most {MOST_CHARACTERS} characters")
    return text


def yes_or_no(text: str) -> bool:
    """Whether something is so."""
    if text not in {"true", "false"}:
        raise ValueError("must be true or false")
    return text == "true"


LIMIT = Parameter(
    "limit",
    limit,
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    "How many at most; there may be more even where fewer come.",
)
CURSOR = Parameter(
    "cursor", str, {"type": "string"}, "The `next_cursor` of the answer before, with the same filters."
)
CLIENT = Parameter(
    "client_id",
    client,
    {"type": "string", "pattern": "^cli_[0-9a-z]{16}$"},
    "Only of this client.",
)
PROJECT = Parameter(
    "project", project, {"type": "string", "maxLength": MOST_CHARACTERS}, "Only of this project, by its name."
)
BILLED = Parameter(
    "billed",
    yes_or_no,
    {"type": "boolean"},
    "Only what stands on an invoice (true), or what an invoice is still to take (false).",
)


def one_of(name: str, kind: type[StrEnum], told: str) -> Parameter:
    """A parameter that is one of a few words."""

    def read(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError as error:
            raise ValueError(f"must be one of {', '.join(kind)}") from error

    return Parameter(name, read, {"type": "string", "enum": [*kind]}, told)


def day(name: str, told: str) -> Parameter:
    """A parameter that is a day."""
    return Parameter(name, date, {"type": "string", "format": "date"}, told)
