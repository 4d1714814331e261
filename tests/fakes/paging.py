"""Pages of a list in memory."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from domain.paging import Page

Item = TypeVar("Item")


def page(
    items: Iterable[Item],
    *,
    by: Callable[[Item], str],
    limit: int,
    cursor: str | None,
    newest_first: bool = False,
) -> Page[Item]:
    """The items behind *cursor*, which is the key of the last one seen."""
    ordered = sorted(items, key=by, reverse=newest_first)
    behind = [
        item for item in ordered if not cursor or (by(item) < cursor if newest_first else by(item) > cursor)
    ]
    shown = tuple(behind[:limit])
    return Page(shown, by(shown[-1]) if len(behind) > limit else None)
