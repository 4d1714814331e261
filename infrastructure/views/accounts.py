"""What is shown of an account."""

from dataclasses import dataclass

from domain.accounts import Account, AccountDetails
from domain.fields import values
from domain.identifiers import AccountId
from infrastructure.views.checked import Checked


@dataclass(frozen=True, kw_only=True)
class _Account:
    id: AccountId


@dataclass(frozen=True, kw_only=True)
class AccountView(Checked, AccountDetails, _Account):
    """An account: who sends the invoices; it is `complete` once it has all that an invoice shows of it."""

    complete: bool


def of_account(account: Account) -> AccountView:
    return AccountView(id=account.id, complete=account.is_complete, **values(account, AccountDetails))
