from domain.paging import MOST_READS, Page, chosen, every

PAGES = {None: Page((1, 2), "a"), "a": Page((), "b"), "b": Page((3,), None)}


def test_all_pages_are_read_to_the_end_also_past_an_empty_one() -> None:
    assert list(every(PAGES.__getitem__)) == [1, 2, 3]


def test_no_page_is_read_before_it_is_wanted() -> None:
    read: list[str | None] = []

    def page(cursor: str | None) -> Page[int]:
        read.append(cursor)
        return PAGES[cursor]

    first = next(every(page))

    assert (first, read) == (1, [None])


def numbers(*, limit: int, cursor: str | None) -> Page[int]:
    """1, 2, 3 … to 50."""
    first = int(cursor or 0)
    items = tuple(range(first + 1, min(first + limit, 50) + 1))
    return Page(items, str(items[-1]) if items[-1] < 50 else None)


def test_what_is_wanted_is_read_on_for_until_the_page_is_full() -> None:
    page = chosen(numbers, lambda number: number % 5 == 0, limit=3, cursor=None)

    assert page == Page((5, 10, 15), "15")


def test_a_page_of_what_is_rare_is_short_and_says_where_to_go_on() -> None:
    page = chosen(numbers, lambda number: number == 50, limit=3, cursor=None)

    assert page == Page((), str(3 * MOST_READS))
    assert chosen(numbers, lambda number: number == 50, limit=3, cursor=page.next_cursor) == Page((50,))
