"""Accounts in the single table."""

from collections.abc import Callable, Iterator

from domain.accounts import Account, AccountDirectory, Accounts, NoAccountError
from domain.errors import NotFoundError
from domain.identifiers import AccountId
from infrastructure.dynamodb import keys
from infrastructure.dynamodb.entities import Entities
from infrastructure.dynamodb.table import Table

_MISSING = "there is no account yet; set it up first"


class DynamoDBAccounts:
    """Implements `domain.accounts.Accounts` and `domain.accounts.AccountDirectory`."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._accounts = entities(table)

    def get(self, *, account_id: AccountId) -> Account:
        try:
            return self._accounts.get(keys.account(account_id), missing=_MISSING)
        except NotFoundError as error:
            raise NoAccountError(_MISSING) from error

    def add(self, *, account: Account) -> None:
        self._accounts.add(account, taken=f"there is an account {account.id} already")

    def update(self, *, account_id: AccountId, change: Callable[[Account], Account]) -> Account:
        return self._accounts.update(keys.account(account_id), change, missing=_MISSING)

    def every(self) -> Iterator[AccountId]:
        for shard in range(keys.ACCOUNT_SHARDS):
            values = {":shard": keys.accounts_shard(shard)}
            for item in self._table.query_all("GSI1PK = :shard", values, index="GSI1"):
                yield AccountId(item["GSI1SK"])


def entities(table: Table) -> Entities[Account]:
    """How accounts are stored."""
    return Entities(
        table,
        "ACCOUNT",
        Account,
        key=lambda account: keys.account(account.id),
        indexes=keys.indexes_of_account,
    )


_: type[Accounts] = DynamoDBAccounts  # the promises, checked by mypy
__: type[AccountDirectory] = DynamoDBAccounts
