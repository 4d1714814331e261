"""Why a message failed, in words that may be kept: ids in them, never names, addresses or amounts."""

import json
import re
from collections.abc import Iterator
from typing import Any

from domain.failures import Cause
from domain.recomputing import InvoiceDiffersError
from infrastructure.observability import cause

_LONGEST = 300
_SHORTEST_PRIVATE = 3
_PUBLIC = frozenset(
    {
        *("id", "account_id", "client_id", "invoice_id", "account", "subject", "correlationid"),
        *("type", "source", "specversion", "datacontenttype", "time"),
        *("state", "status", "progress", "currency", "language", "unit", "country", "time_zone"),
    }
)
_PARTS = re.compile(
    r"(?P<id>\b(?:acc|cli|wrk|inv)_[0-9a-z]+\b|\bv[0-9]+\b)"
    r'|"[^"]*"|' + r"'[^']*'"
    r"|[\w.+-]+@[\w.-]+"
    r"|\d[\d.,:/-]*"
)


def cause_of(error: BaseException, body: str) -> Cause:
    """The cause to keep of a message with this *body* that failed with *error*.

    Where two computations of an invoice differ, nobody can look into it without the numbers: those are kept.
    """
    if isinstance(error, InvoiceDiffersError):
        return Cause(**cause(error), message=_shortened(str(error)))
    return Cause(**cause(error), message=redacted(str(error), body))


def redacted(message: str, body: str) -> str:
    """The message in one line, without quotations, addresses, numbers, and whatever the body says."""
    for text in sorted(set(_private(_read(body))), key=len, reverse=True):
        message = message.replace(text, "…")
    told = _PARTS.sub(lambda part: part["id"] or "…", " ".join(message.split()))
    return _shortened(told)


def _shortened(told: str) -> str:
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def _read(body: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def _private(value: Any, name: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Every text in the body's data, but for ids and words of ours."""
    match value:
        case dict():
            for inner, each in value.items():
                yield from _private(each, inner)
        case list():
            for each in value:
                yield from _private(each, name)
        case str() if len(value) >= _SHORTEST_PRIVATE and name not in _PUBLIC:
            yield value
