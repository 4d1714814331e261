import pytest

from domain.access import Caller
from domain.accounts import Account, AccountDetails, AccountIncompleteError, save_account, sign_up
from domain.errors import InvalidError, NotFoundError, WillNeverWorkError
from domain.fields import values
from tests.builders import ADA, an_account, some_account_details
from tests.fakes import InMemoryAccounts, InMemoryInvoices, Step, Store

A_PERSON = Caller(account_id=ADA, email="ada@example.com")
SIGNED_UP = Account(
    id=ADA, name="ada@example.com", email="ada@example.com", currency="EUR", time_zone="UTC", language="en"
)


def test_a_person_who_is_here_for_the_first_time_gets_an_account() -> None:
    accounts = InMemoryAccounts()

    assert sign_up(A_PERSON, accounts=accounts) == SIGNED_UP
    assert accounts.get(account_id=ADA) == SIGNED_UP


def test_an_account_that_is_there_stays_as_it_is() -> None:
    accounts = InMemoryAccounts()
    accounts.add(account=an_account())

    assert sign_up(A_PERSON, accounts=accounts) == an_account()


def test_nobody_opens_an_account_of_whom_no_address_is_known() -> None:
    accounts = InMemoryAccounts()

    with pytest.raises(NotFoundError):
        sign_up(Caller(account_id=ADA), accounts=accounts)

    assert len(accounts) == 0


def test_of_two_first_requests_at_once_both_get_the_one_account() -> None:
    store = Store()
    accounts = InMemoryAccounts(store)

    def another_is_faster(step: Step) -> None:
        if step.call == "accounts.add":
            store.hook = lambda _: None
            save_account(
                some_account_details(), account_id=ADA, accounts=accounts, numbers=InMemoryInvoices(store)
            )

    store.hook = another_is_faster

    assert sign_up(A_PERSON, accounts=accounts) == an_account()


def test_an_account_without_an_address_can_have_no_client_and_sell_nothing() -> None:
    for refused in (SIGNED_UP.client_defaults, SIGNED_UP.as_seller):
        with pytest.raises(AccountIncompleteError, match="no address yet"):
            refused()

    assert issubclass(AccountIncompleteError, WillNeverWorkError)
    assert (SIGNED_UP.is_complete, an_account().is_complete) == (False, True)


def test_an_address_is_not_taken_away() -> None:
    without = AccountDetails(**values(SIGNED_UP, AccountDetails))

    with pytest.raises(InvalidError, match="/address"):
        an_account().changed(without)

    assert SIGNED_UP.changed(without) == SIGNED_UP
