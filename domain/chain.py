"""The hash chain of a series: who knows its last link can tell whether anything before it was changed.

    content = the canonical JSON of the document and its place, as UTF-8
    link    = SHA-256 of the link before it and the SHA-256 of the content, both as 64 lower-case hex digits

Before the first link stand 64 zeros. All hashes are of FIPS 180-4, and written in lower-case hex.

Canonical JSON is that of RFC 8785: no spaces, members sorted by name, no escapes but the necessary ones.
Amounts are integers in minor units; quantities, prices and rates are text without exponent and without zeros
at the end ("1.5"); dates are text (2026-10-31). What says nothing, that is null, false, "" or an empty list,
is left out: so a field that is added later changes no document that was frozen before.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from domain.documents import InvoiceDocument
from domain.identifiers import AccountId

FORM = 1
"""The version of the canonical form; each content says its own."""
BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a document stands: the how manieth of which series."""

    account_id: AccountId
    series: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of a series; both hashes are None where the number was given before there was a chain."""

    position: int
    content_sha256: str | None
    chain_sha256: str | None


def broken(links: Iterable[Link], *, before: str | None = None, first: int = 1) -> Iterator[int]:
    """The positions whose link does not follow from the one before it; that of the *first* follows *before*.

    Behind a hole in the positions nobody can tell what a link follows: the hole is the fault there.
    """
    position = first
    for each in links:
        is_behind_a_hole = each.position != position
        if not is_behind_a_hole and each.chain_sha256 != _expected(before, each.content_sha256):
            yield each.position
        position, before = each.position + 1, each.chain_sha256


def _expected(before: str | None, content_sha256: str | None) -> str | None:
    """Once there is a chain, it does not end before the series does."""
    if content_sha256 is None:
        return before and "a link"
    return link(before, content_sha256)


def content(document: InvoiceDocument, place: Place) -> bytes:
    """All that is frozen of a document, in its canonical form."""
    return canonical({"form": FORM, "document": document} | _fields(place))


def link(before: str | None, content_sha256: str) -> str:
    """The link that follows *before* (None: there was none yet)."""
    return sha256_of(f"{before or BEGINNING}{content_sha256}".encode())


def sha256_of(content: bytes) -> str:
    """In lower-case hex, as all hashes here."""
    return sha256(content).hexdigest()


def canonical(value: object) -> bytes:
    """The one form of *value* in JSON.

    Raises:
        TypeError: it holds what has no canonical form, such as a float.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> Any:  # noqa: ANN401 - the values of JSON
    match value:
        case Mapping():
            return {name: _plain(each) for name, each in value.items() if _says_something(each)}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value):
            return _plain(_fields(value))
        case _:
            return _single(value)


def _single(value: object) -> str | int:
    match value:
        case str() | int():
            return value
        case Decimal():
            return _decimal(value)
        case dt.date():
            return value.isoformat()
        case _:
            raise TypeError(f"a {type(value).__name__} has no canonical form")


def _fields(value: Any) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _says_something(value: object) -> bool:
    """A number always does, 0 too."""
    return value is not None and value is not False and value not in ("", (), [])


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
