"""All that was issued, a page at a time: what an export holds, for programs that fetch it themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain import chain
from domain.archiving import Document
from domain.errors import InvalidError, NotFoundError, Problem
from domain.exporting import Part, Sources, content_of, files_of, parts_of
from domain.identifiers import AccountId
from domain.paging import Page
from domain.printing import NotIssuedError
from domain.register import Given

MOST_BYTES = 1_000_000
"""A page ends early once its contents are longer together; so it also ends in time."""
LONGEST_CONTENT = 4_000_000
"""A function answers with at most six megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDocument:
    """A document as it was numbered, the link before it, what it says, and where its files are.

    `content` is the canonical JSON as text; None where it is too long for an answer.
    """

    given: Given
    series: str
    before_sha256: str
    content: str | None
    files: dict[str, Document]


def list_issued(
    *, account_id: AccountId, year: int | None, sources: Sources, limit: int, cursor: str | None
) -> Page[IssuedDocument]:
    """What was issued in *year* (None: ever), series by series, in the order of the numbers.

    Raises:
        InvalidError: the cursor is none of this list.
    """
    numbered = _behind(cursor, _numbered(year, account_id, sources))
    found: list[IssuedDocument] = []
    size = 0
    for place in numbered:
        if len(found) == limit or size >= MOST_BYTES:
            return Page(tuple(found), _cursor(found[-1].series, found[-1].given))
        content = _content(place, account_id, sources)
        delivery = sources.deliveries.get(account_id=account_id, invoice_id=place.given.invoice_id)
        told = content.decode() if len(content) <= LONGEST_CONTENT else None
        found.append(replace(place, content=told or None, files=dict(files_of(delivery))))
        size += len(content)
    return Page(tuple(found))


def _content(place: IssuedDocument, account_id: AccountId, sources: Sources) -> bytes:
    """Nothing where the document was taken away since: its number and hashes still tell of it."""
    try:
        return content_of(
            place.given,
            account_id=account_id,
            series=place.series,
            invoices=sources.invoices,
            credit_notes=sources.credit_notes,
        )
    except (NotFoundError, NotIssuedError):
        return b""


def _numbered(year: int | None, account_id: AccountId, sources: Sources) -> Iterator[IssuedDocument]:
    for part in parts_of(year, account_id=account_id, register=sources.register):
        yield from _places(part)


def _places(part: Part) -> Iterator[IssuedDocument]:
    before = part.before
    for given in part.given:
        yield IssuedDocument(
            given=given,
            series=part.series,
            before_sha256=before or chain.BEGINNING,
            content=None,
            files={},
        )
        before = given.chain_sha256


def _behind(cursor: str | None, numbered: Iterator[IssuedDocument]) -> Iterator[IssuedDocument]:
    if cursor is None:
        return numbered
    position, _, series = cursor.partition("@")
    if not position.isdecimal():
        raise InvalidError(Problem("/cursor", "not-a-cursor", "must be the next_cursor of an earlier answer"))
    last = (series, int(position))
    return (place for place in numbered if (place.series, place.given.value) > last)


def _cursor(series: str, given: Given) -> str:
    return f"{given.value}@{series}"
