"""The parameters behind the `?`: each known, each right, and all that is wrong told at once."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from domain import checks
from domain.errors import NotFoundError, Problem
from domain.identifiers import ClientId, known_client
from handlers.api.refusals import BadQueryError

Reader = Callable[[str], Any]

MOST = 100
USUAL = 20


def read(query: Mapping[str, str], **readers: Reader) -> dict[str, Any]:
    """The parameters that are there, each read by the reader of its name, which raises `ValueError`.

    Raises:
        BadQueryError: with a problem for each wrong or unknown parameter.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in query.items():
        if reader := readers.get(name):
            try:
                values[name] = reader(text)
            except ValueError as error:
                problems.append(Problem(f"/{name}", "bad-value", str(error)))
        else:
            known = f"known are {', '.join(readers)}" if readers else "there are none"
            problems.append(Problem(f"/{name}", "unknown-parameter", f"is not a parameter here; {known}"))
    if problems:
        raise BadQueryError(*problems)
    return values


def limit(text: str) -> int:
    """How many things an answer lists at most."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise ValueError(f"must be a number from 1 to {MOST}")
    return int(text)


def date(text: str) -> dt.date:
    """A day."""
    told = "must be a date such as 2026-10-31"
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(told)
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(told) from error
    for problem in checks.date("date", day):
        raise ValueError(problem.message)
    return day


def client(text: str) -> ClientId:
    """The id of a client, whether there is one or not."""
    try:
        return known_client(text)
    except NotFoundError as error:
        raise ValueError("must be the id of a client such as cli_06f3k9q2m4x7v1ta") from error
