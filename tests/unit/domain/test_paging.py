from domain.paging import Page, every

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
