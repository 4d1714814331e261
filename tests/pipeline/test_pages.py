"""Every list over the real adapters, read page by page while others write to the table."""

from collections.abc import Iterator

import pytest

from infrastructure import aws
from tests.contract.tables import over
from tests.gateway import Response, User
from tests.listings import LISTINGS, NUMBERS, Listing
from tests.pipeline.people import ADA, BOB
from tests.world import World

pytestmark = pytest.mark.usefixtures("clock")

each_list = pytest.mark.parametrize("listing", LISTINGS.values(), ids=[*LISTINGS])


@pytest.fixture
def world() -> World:
    """What others write with."""
    return over(aws.client("dynamodb"))


@each_list
def test_nothing_comes_twice_and_nothing_is_missing_while_others_write(
    world: World, listing: Listing
) -> None:
    listing.fill(world, ADA)

    seen, stayed = listing.read_while_others_write(world, ADA)

    assert len(seen) == len({*seen})
    assert stayed <= {*seen}
    assert seen == sorted(seen, reverse=listing.newest_first)
    assert len(seen) > len(NUMBERS)


@each_list
def test_a_cursor_leads_nowhere_else(world: World, listing: Listing) -> None:
    for user in (ADA, BOB):
        listing.fill(world, user)
    cursor = listing.cursor(ADA)

    refused = [
        listing.page(BOB, cursor=cursor),
        *(listing.page(ADA, cursor=other) for other in altered(cursor)),
    ]
    refused += [each.page(ADA, cursor=cursor) for each in LISTINGS.values() if each is not listing]
    refused += [ask(ADA, listing.sibling, cursor)] if listing.sibling else []

    assert {response.status for response in refused} <= {400, 404}
    assert [response.body["data"] for response in refused if "data" in response.body] == []
    assert listing.page(ADA, cursor=cursor).status == 200


def ask(user: User, path: str, cursor: str) -> Response:
    return user.get(path, limit=2, cursor=cursor)


def altered(cursor: str) -> Iterator[str]:
    """The cursor, cut at some places, and with some of its characters another one."""
    for place in range(0, len(cursor), 9):
        yield cursor[:place]
        yield f"{cursor[:place]}{'A' if cursor[place] != 'A' else 'B'}{cursor[place + 1 :]}"
