"""What nobody has is refused where it is entered; what was stored before there were checks stays readable."""

from dataclasses import replace

import pytest

from domain.accounts import Account, AccountDetails, save_account
from domain.clients import ClientDetails, add_client
from domain.errors import InvalidError
from domain.parties import BankDetails
from tests.builders import ACME, ADA, a_client, an_account, ids, some_account_details, some_client_details
from tests.fakes import InMemoryAccounts, InMemoryClients, InMemoryInvoices, Store

IMPOSSIBLE_ID = "DE123456789"
IMPOSSIBLE_BANK = BankDetails(
    holder="Ada", account_number="DE02 1203 0000 0000 2020 52", bank_code="BYLADEM10011"
)
BOTH = ["/tax_id", "/bank/account_number", "/bank/bank_code"]


def save(store: Store, details: AccountDetails) -> None:
    save_account(details, account_id=ADA, accounts=InMemoryAccounts(store), numbers=InMemoryInvoices(store))


@pytest.mark.parametrize("stored", [[], [an_account()]], ids=["new", "known"])
def test_an_account_with_an_impossible_tax_id_iban_or_bic_is_refused(stored: list[Account]) -> None:
    store = Store()
    for account in stored:
        store.add(account)

    with pytest.raises(InvalidError) as refused:
        save(store, some_account_details(tax_id=IMPOSSIBLE_ID, bank=IMPOSSIBLE_BANK))

    assert [problem.pointer for problem in refused.value.problems] == BOTH


def test_what_an_account_had_before_can_stay() -> None:
    store = Store()
    store.add(an_account(tax_id=IMPOSSIBLE_ID, bank=IMPOSSIBLE_BANK))

    save(store, some_account_details(tax_id=IMPOSSIBLE_ID, bank=IMPOSSIBLE_BANK, name="Ada King"))

    assert InMemoryAccounts(store).get(account_id=ADA).name == "Ada King"


def test_a_client_with_an_impossible_tax_id_is_refused() -> None:
    clients = InMemoryClients(Store())
    details = some_client_details(tax_id=IMPOSSIBLE_ID)

    with pytest.raises(InvalidError, match="/tax_id"):
        add_client(details, account_id=ADA, clients=clients, new_id=ids())
    with pytest.raises(InvalidError, match="/tax_id"):
        a_client().changed(details)


def test_what_a_client_had_before_can_stay() -> None:
    client = a_client(tax_id=IMPOSSIBLE_ID)

    changed = client.changed(replace(client.details(), name="Acme SE"))

    assert (changed.name, changed.tax_id, changed.id) == ("Acme SE", IMPOSSIBLE_ID, ACME)
    assert isinstance(changed.details(), ClientDetails)
