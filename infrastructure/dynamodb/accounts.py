"""Accounts in the single table."""

from collections.abc import Callable

from domain.accounts import Account, Accounts
from domain.identifiers import AccountId
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.table import Table


class DynamoDBAccounts:
    """Implements `domain.accounts.Accounts`."""

    def __init__(self, table: Table) -> None:
        self._accounts = entities(table)

    def get(self, *, account_id: AccountId) -> Account:
        return self._accounts.get(
            keys.account(account_id), missing="there is no account yet; set it up first"
        )

    def add(self, *, account: Account) -> None:
        self._accounts.add(account, taken=f"there is an account {account.id} already")

    def update(self, *, account_id: AccountId, change: Callable[[Account], Account]) -> Account:
        missing = "there is no account yet; set it up first"
        return self._accounts.update(keys.account(account_id), change, missing=missing)


def entities(table: Table) -> Entities[Account]:
    """How accounts are stored."""
    return Entities(table, "ACCOUNT", Account, key=lambda account: keys.account(account.id))


_: type[Accounts] = DynamoDBAccounts  # the promise, checked by mypy
