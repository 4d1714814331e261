"""Long lists, a page at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

MOST_READS = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order; `next_cursor` continues behind the last one, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


def chosen(
    fetch: Callable[..., Page[Item]],  # (*, limit: int, cursor: str | None)
    wanted: Callable[[Item], bool],
    *,
    limit: int,
    cursor: str | None,
) -> Page[Item]:
    """The *wanted* ones of what *fetch* finds; fewer than *limit* where they are too rare to read on for."""
    found: list[Item] = []
    for _ in range(MOST_READS):
        page = fetch(limit=limit - len(found), cursor=cursor)
        found += filter(wanted, page.items)
        cursor = page.next_cursor
        if cursor is None or len(found) == limit:
            break
    return Page(tuple(found), cursor)


def every(pages: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """All items of all pages, read only as far as the caller goes on."""
    cursor: str | None = None
    while True:
        page = pages(cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return
