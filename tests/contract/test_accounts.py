from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.accounts import Account, Accounts, NoAccountError
from domain.errors import ConflictError, NotFoundError
from tests.builders import ADA, BOB, an_account
from tests.world import World


@pytest.fixture
def accounts(world: World) -> Accounts:
    return world.accounts


def named(name: str) -> Callable[[Account], Account]:
    return lambda account: replace(account, name=name)


def test_an_account_comes_back_as_it_was_stored(accounts: Accounts) -> None:
    accounts.add(account=an_account())

    assert accounts.get(account_id=ADA) == an_account()


def test_an_account_that_is_not_there_is_not_found(accounts: Accounts) -> None:
    accounts.add(account=an_account())

    with pytest.raises(NoAccountError):
        accounts.get(account_id=BOB)
    with pytest.raises(NotFoundError):
        accounts.update(account_id=BOB, change=named("Bob"))


def test_an_account_cannot_be_added_twice(accounts: Accounts) -> None:
    accounts.add(account=an_account())

    with pytest.raises(ConflictError):
        accounts.add(account=an_account(name="Another"))

    assert accounts.get(account_id=ADA) == an_account()


def test_each_update_is_the_next_version(accounts: Accounts) -> None:
    accounts.add(account=an_account())

    updated = [accounts.update(account_id=ADA, change=named(name)) for name in ("One", "Two")]

    assert updated == [an_account(name="One", version=2), an_account(name="Two", version=3)]
    assert accounts.get(account_id=ADA) == updated[-1]


def test_a_change_that_raises_stores_nothing(accounts: Accounts) -> None:
    accounts.add(account=an_account())

    def refuse(_: Account) -> Account:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        accounts.update(account_id=ADA, change=refuse)

    assert accounts.get(account_id=ADA) == an_account()


def test_a_change_runs_again_when_somebody_else_wrote_in_between(accounts: Accounts) -> None:
    accounts.add(account=an_account())
    seen: list[str] = []

    def change(account: Account) -> Account:
        seen.append(account.name)
        if len(seen) == 1:
            accounts.update(account_id=ADA, change=named("First"))
        return replace(account, email="second@example.com")

    updated = accounts.update(account_id=ADA, change=change)

    assert seen == ["Ada Lovelace", "First"]
    assert updated == an_account(name="First", email="second@example.com", version=3)
