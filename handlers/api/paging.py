"""Lists, a part at a time: `limit` says how many, `cursor` where the answer before stopped.

A cursor belongs to one account, one list of one thing, and its filters. Anywhere else it is refused, as it is
where a character is missing or another one: nobody goes on somewhere in the middle without noticing.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TypeVar

from domain.errors import Problem, WillNeverWorkError
from domain.identifiers import digest
from domain.paging import Page
from handlers.api import queries
from handlers.api.answers import Answer, ok
from handlers.api.refusals import BadQueryError
from handlers.api.requests import Request
from infrastructure import codec

Item = TypeVar("Item")
Fetch = Callable[..., Page[Item]]  # (*, limit: int, cursor: str | None)

_MARK = 16
"""How many characters of a cursor say where it belongs, and that it is whole."""

_FOREIGN = Problem("/cursor", "not-a-cursor", "must be the next_cursor of an answer with the same filters")


def listed(request: Request, fetch: Fetch[Item], view: Callable[[Item], object]) -> Answer:
    """The part of the list that is asked for, which *fetch* finds and *view* shows."""
    wanted = request.asked
    filters = sorted((name, value) for name, value in wanted.items() if name not in {"limit", "cursor"})
    of = [*request.parameters.items(), *filters]
    where = digest(request.account_id, request.route, *(f"{name}={value}" for name, value in of))
    page = _page(fetch, wanted.get("limit", queries.USUAL), wanted.get("cursor"), where)
    data = [codec.encode(view(item)) for item in page.items]
    more = {"next_cursor": _marked(page.next_cursor, where)} if page.next_cursor else {}
    return ok({"data": data, "has_more": page.next_cursor is not None} | more)


def _page(fetch: Fetch[Item], limit: int, cursor: str | None, where: str) -> Page[Item]:
    if cursor is None:
        return fetch(limit=limit, cursor=None)
    try:
        return fetch(limit=limit, cursor=_unmarked(cursor, where))
    except WillNeverWorkError as error:  # it bears our mark, but the store knows no such place
        raise BadQueryError(_FOREIGN) from error


def _marked(cursor: str, where: str) -> str:
    return urlsafe_b64encode(f"{digest(where, cursor)}{cursor}".encode()).decode().rstrip("=")


def _unmarked(cursor: str, where: str) -> str:
    try:
        plain = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError as error:
        raise BadQueryError(_FOREIGN) from error
    if _marked(unmarked := plain[_MARK:], where) != cursor:
        raise BadQueryError(_FOREIGN)
    return unmarked
