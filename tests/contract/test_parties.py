"""Who an invoice is from and whom it is for: both, or what is missing."""

import pytest

from domain.errors import NotFoundError
from tests.builders import ACME, ADA, BOB, a_client, an_account
from tests.world import World


def test_both_are_read_at_once(world: World) -> None:
    world.having(an_account(), an_account(id=BOB), a_client())

    assert world.parties.of(account_id=ADA, client_id=ACME) == (an_account(), a_client())


def test_without_the_account_there_is_no_seller(world: World) -> None:
    world.having(a_client())

    with pytest.raises(NotFoundError, match=ADA):
        world.parties.of(account_id=ADA, client_id=ACME)


def test_another_accounts_client_is_no_buyer(world: World) -> None:
    world.having(an_account(), an_account(id=BOB), a_client())

    with pytest.raises(NotFoundError, match=ACME):
        world.parties.of(account_id=BOB, client_id=ACME)
