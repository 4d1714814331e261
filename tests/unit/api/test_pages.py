"""Every list, read page by page while others write: nothing comes twice, and what stays is never missing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

import pytest

from domain.identifiers import digest
from handlers.api.routes import operations
from tests.gateway import User
from tests.listings import LISTINGS, NUMBERS, Listing
from tests.world import World

LISTS = {operation.path: operation for operation in operations() if operation.lists}
each_list = pytest.mark.parametrize("listing", LISTINGS.values(), ids=[*LISTINGS])


def test_every_list_can_be_filled() -> None:
    missing = LISTS.keys() - LISTINGS.keys()

    assert not missing, f"a new list: say in tests/listings.py how things come into {missing}"
    assert LISTINGS.keys() == LISTS.keys()


@each_list
def test_a_list_that_nobody_writes_to_is_read_in_order(world: World, ada: User, listing: Listing) -> None:
    listing.fill(world, ada)

    pages = [*listing.pages(ada)]

    in_order = sorted(NUMBERS, reverse=listing.newest_first)
    assert [number for page in pages for number in page] == in_order
    assert {len(page) for page in pages[:-1]} == {2}


@each_list
def test_nothing_comes_twice_and_nothing_is_missing_while_others_write(
    world: World, ada: User, listing: Listing
) -> None:
    listing.fill(world, ada)

    seen, stayed = listing.read_while_others_write(world, ada)

    assert len(seen) == len({*seen})
    assert stayed <= {*seen}
    assert seen == sorted(seen, reverse=listing.newest_first)
    assert len(seen) > len(NUMBERS)


def refused(user: User, listing: Listing, cursor: str, **query: str) -> bool:
    """Whether this is told as no cursor, without anything else."""
    response = listing.page(user, cursor=cursor, **query)
    codes = [each["code"] for each in response.body.get("errors", ())]
    return (response.status, codes) == (400, ["not-a-cursor"])


@each_list
def test_a_cursor_leads_into_no_list_of_another_account(
    world: World, ada: User, bob: User, listing: Listing
) -> None:
    listing.fill(world, ada)
    listing.fill(world, bob)

    assert refused(bob, listing, listing.cursor(ada))
    assert listing.page(ada, cursor=listing.cursor(ada)).status == 200


@each_list
def test_a_cursor_leads_into_no_other_list(world: World, ada: User, listing: Listing) -> None:
    listing.fill(world, ada)
    cursor = listing.cursor(ada)

    for other in LISTINGS.values():
        if other is not listing:
            response = other.page(ada, cursor=cursor)
            assert response.status in {400, 404}, other.path
            assert "data" not in response.body


@pytest.mark.parametrize(
    "listing", [each for each in LISTINGS.values() if each.sibling], ids=lambda listing: listing.path
)
def test_a_cursor_leads_into_no_list_of_another_thing(world: World, ada: User, listing: Listing) -> None:
    listing.fill(world, ada)

    response = ada.get(str(listing.sibling), limit=2, cursor=listing.cursor(ada))

    assert (ada.get(str(listing.sibling)).status, response.status) == (200, 400)


def test_every_list_of_a_thing_has_one_of_another() -> None:
    assert {path for path, each in LISTINGS.items() if each.sibling} == {
        path for path in LISTS if "{" in path
    }


FILTERED = [(path, parameter.name) for path in LISTINGS for parameter in LISTS[path].query]


@pytest.mark.parametrize(("path", "name"), FILTERED)
def test_a_cursor_leads_into_no_list_with_another_filter(
    world: World, ada: User, path: str, name: str
) -> None:
    listing = LISTINGS[path]
    listing.fill(world, ada)
    assert name in listing.filters, f"a new filter: give {name} a value in tests/listings.py"
    query = {name: listing.filters[name]}

    assert listing.page(ada, **query).status == 200
    assert refused(ada, listing, listing.cursor(ada), **query)


def altered(cursor: str) -> Iterator[str]:
    """The cursor with a piece missing at its end, and with each of its characters another one."""
    yield from (cursor[:length] for length in range(len(cursor)))
    for place, character in enumerate(cursor):
        other = "A" if character != "A" else "B"
        yield f"{cursor[:place]}{other}{cursor[place + 1 :]}"
    yield from (
        f"{cursor}=",
        f"{cursor}A",
        f"{cursor}!",
        f" {cursor}",
        f"A{cursor}",
        cursor.swapcase(),
        cursor * 2,
    )


@each_list
def test_half_a_cursor_or_one_that_was_altered_leads_nowhere(
    world: World, ada: User, listing: Listing
) -> None:
    listing.fill(world, ada)
    cursor = listing.cursor(ada)

    assert [other for other in altered(cursor) if not refused(ada, listing, other)] == []
    assert listing.page(ada, cursor=cursor).status == 200


@each_list
def test_a_cursor_of_an_earlier_form_leads_nowhere(world: World, ada: User, listing: Listing) -> None:
    """Without any mark, and with one that says only where it belongs."""
    listing.fill(world, ada)
    path = next(path for path, each in LISTINGS.items() if each is listing)
    place = urlsafe_b64decode(listing.cursor(ada) + "===").decode()[16:]
    mark = digest(
        ada.account_id, f"GET {path}", *([f"id={listing.path.split('/')[3]}"] if "{" in path else [])
    )

    for old in (place, mark + place):
        assert refused(ada, listing, urlsafe_b64encode(old.encode()).decode().rstrip("="))


@each_list
def test_a_cursor_goes_on_leading_on_when_what_it_stands_behind_is_taken_away(
    world: World, ada: User, listing: Listing
) -> None:
    listing.fill(world, ada)
    first, *_ = listing.pages(ada)
    cursor = listing.cursor(ada)
    if listing.take:
        listing.take(world, ada.account_id, first[-1])

    rest = listing.page(ada, cursor=cursor).body["data"]

    in_order = sorted(NUMBERS, reverse=listing.newest_first)
    assert [each[listing.key] for each in rest] == [listing.name(number) for number in in_order[2:4]]
