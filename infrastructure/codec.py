"""One codec between the domain's dataclasses and JSON: for items, events, HTTP and the command line alike.

dataclass ──encode──▶ plain JSON values (decimals and dates as text, None left out)
JSON ──decode (from our own store or events: unknown fields ignored)──▶ dataclass
JSON ──accept (from a person: unknown fields and floats refused, text composed)──▶ dataclass
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from domain.errors import InvalidError, Problem, WillNeverWorkError, pointer
from infrastructure import sent


class UnreadableError(WillNeverWorkError):
    """What we wrote ourselves cannot be read by this version of the code."""

    code = "unreadable"


Shape = TypeVar("Shape")
Json = dict[str, Any]

_NUMBER = re.compile(r"(?=.{1,100}\Z)(?:-(?=.*[1-9]))?[0-9]+(?:\.[0-9]+)?")
"""Nothing below zero is zero: "-0" would be printed so."""

_OF_A_YEAR = re.compile(r"[0-9]{4}-.*", re.DOTALL)
"""What begins like a date: digits alone would be read as seconds since 1970."""

_FORMS = (
    (Decimal, _NUMBER, "not-a-number", "must be a number such as 12.50"),
    (dt.date, _OF_A_YEAR, "not-a-date", "must be a date such as 2026-10-31"),
    (dt.datetime, _OF_A_YEAR, "not-an-instant", "must be an instant such as 2026-10-31T08:00:00Z"),
)
"""How text is written that stands for something else."""


def encode(value: object) -> Json:
    """The fields of a dataclass as JSON values; a field that is None is left out."""
    plain: Json = _adapter(type(value)).dump_python(value, mode="json", exclude_none=True)
    return plain


def decode(shape: type[Shape], plain: object) -> Shape:
    """Read what we wrote ourselves, by this version of the code or another.

    Raises:
        UnreadableError: it is not of this shape, or breaks a rule that is newer than it.
    """
    try:
        return _adapter(shape).validate_python(plain)
    except ValidationError as error:
        places = ", ".join(problem.pointer for problem in _problems(error))
        raise UnreadableError(f"what is stored is no {shape.__name__}: {places}") from error


def accept(shape: type[Shape], plain: object, *, typed: bool = False, beside: Sequence[str] = ()) -> Shape:
    """Read what a person or a program of theirs sent: every field known, every number exact, all text in NFC.

    JSON says itself what is a number: true is not 1, and 86400 is no date. What was *typed*, such as a flag,
    is text wherever it stands. Fields that are read *beside* these are told among the known ones.

    Raises:
        InvalidError: with a problem for each wrong, missing or unknown field.
    """
    if not isinstance(plain, Mapping):
        raise InvalidError(Problem("", "not-an-object", "must be a JSON object"))
    if unreadable := tuple(sent.unreadable(plain)):
        raise InvalidError(*unreadable)
    strange = [*_strange(shape, plain, "", beside), *sent.inexact(plain)]
    told = sent.composed(plain)
    try:
        value = _typed(shape, told) if typed else _exact(shape, told)
    except ValidationError as error:
        known = {problem.pointer for problem in strange}
        wrong = [problem for problem in _problems(error) if problem.pointer not in known]
        raise InvalidError(*strange, *wrong) from error
    if strange:
        raise InvalidError(*strange)
    return value


def _typed(shape: type[Shape], plain: object) -> Shape:
    return _adapter(shape).validate_python(plain)


def _exact(shape: type[Shape], plain: object) -> Shape:
    return _adapter(shape).validate_json(json.dumps(plain), strict=True)


def _adapter(shape: type[Shape]) -> TypeAdapter[Shape]:
    made: TypeAdapter[Shape] = _made(shape)  # type: ignore[arg-type] # mypy does not see that a class can be hashed
    return made


@cache
def _made(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any class
    return TypeAdapter(shape)


def _problems(error: ValidationError) -> Iterator[Problem]:
    """One problem a place: where several shapes were possible, what each of them would have wanted."""
    by_place: dict[str, Problem] = {}
    for detail in error.errors(include_url=False, include_input=False):
        place = pointer(*(part for part in detail["loc"] if not _names_a_type(part)))
        for told in _told(detail, place):
            known = by_place.get(told.pointer)
            message = f"{known.message}; or {told.message}" if known else told.message
            by_place[told.pointer] = Problem(told.pointer, told.code, message)
    yield from by_place.values()


def _told(detail: ErrorDetails, place: str) -> Iterator[Problem]:
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, InvalidError):
        for problem in cause.problems:
            yield Problem(place + problem.pointer, problem.code, problem.message)
    elif detail["type"] == "decimal_type":  # pydantic's words would ask for a float, which is refused
        yield Problem(place, "not-a-number", "must be a number such as 12.50")
    else:
        yield Problem(place, detail["type"].replace("_", "-"), _words(detail))


def _words(detail: ErrorDetails) -> str:
    """What is wrong; in our words where pydantic's speak of how it reads dates, or of Python."""
    if detail["type"].startswith("date_"):
        return "must be a date such as 2026-10-31"
    if detail["type"] == "enum":
        words = re.findall("'([^']+)'", detail["ctx"]["expected"])
        return f"must be one of {', '.join(words)}"
    return detail["msg"][0].lower() + detail["msg"][1:]


def _names_a_type(part: int | str) -> bool:
    """Whether pydantic named the member of a union here, which a reader's JSON does not have."""
    return isinstance(part, str) and (
        part in {"int", "str"} or part.startswith(("literal[", "lax-or-strict"))
    )


def _strange(
    shape: object, plain: Mapping[str, Any], place: str, beside: Sequence[str] = ()
) -> Iterator[Problem]:
    hints = get_type_hints(shape)
    names = [field.name for field in fields(shape)]  # type: ignore[arg-type] # only dataclasses come here
    for name, value in plain.items():
        if name not in names:
            yield Problem(
                place + pointer(name),
                "unknown-field",
                f"is not a field here; known are {', '.join([*names, *beside])}",
            )
        elif isinstance(value, str):
            yield from _misread(hints[name], value, place + pointer(name))
        elif inner := _dataclass_in(hints[name]):
            yield from _strange_inside(inner, value, place + pointer(name))


def _misread(hint: object, text: str, place: str) -> Iterator[Problem]:
    for kind, form, code, message in _FORMS:
        if _holds(hint, kind) and not form.fullmatch(text):
            yield Problem(place, code, message)


def _strange_inside(shape: object, value: object, place: str) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        yield from _strange(shape, value, place)
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _strange_inside(shape, each, place + pointer(index))


def _holds(hint: object, kind: type) -> bool:
    return kind in {hint, *get_args(hint)}


def _dataclass_in(hint: object) -> object:
    """The dataclass that the hint names, also where it is optional, or one of several in a tuple."""
    if is_dataclass(hint):
        return hint
    return next(filter(None, map(_dataclass_in, get_args(hint))), None)
