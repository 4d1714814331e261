"""Long lists, a page at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items in order; `next_cursor` continues behind the last one, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


def every(pages: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """All items of all pages, read only as far as the caller goes on."""
    cursor: str | None = None
    while True:
        page = pages(cursor)
        yield from page.items
        if (cursor := page.next_cursor) is None:
            return
