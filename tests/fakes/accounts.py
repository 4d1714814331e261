"""Accounts in memory."""

from collections.abc import Callable, Iterator

from domain.accounts import Account, AccountDirectory, Accounts, NoAccountError
from domain.errors import NotFoundError
from domain.identifiers import AccountId
from tests.fakes.store import Store


class InMemoryAccounts:
    """Implements `domain.accounts.Accounts` and `AccountDirectory`."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def __len__(self) -> int:
        return len(self._store.all(Account))

    def __contains__(self, account_id: object) -> bool:
        return any(account.id == account_id for account in self._store.all(Account))

    def get(self, *, account_id: AccountId) -> Account:
        with self._store.call("accounts.get"):
            try:
                return self._store.get(Account, account_id, account_id)
            except NotFoundError as error:
                raise NoAccountError("there is no account yet; set it up first") from error

    def add(self, *, account: Account) -> None:
        with self._store.call("accounts.add", commits=True):
            self._store.add(account)

    def update(self, *, account_id: AccountId, change: Callable[[Account], Account]) -> Account:
        return self._store.update("accounts.update", lambda: self.get(account_id=account_id), change)

    def every(self) -> Iterator[AccountId]:
        with self._store.call("directory.every"):
            accounts = [account.id for account in self._store.all(Account)]
        yield from accounts


_accounts: type[Accounts] = InMemoryAccounts
_directory: type[AccountDirectory] = InMemoryAccounts
