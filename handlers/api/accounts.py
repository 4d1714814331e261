"""`/v1/account`: the signed-in person's own business."""

from domain.accounts import AccountDetails, save_account
from handlers.api.answers import Answer, ok
from handlers.api.requests import Request
from infrastructure import codec, views, wiring


def show(request: Request) -> Answer:
    return ok(views.of_account(wiring.accounts().get(account_id=request.account_id)))


def save(request: Request) -> Answer:
    """Open the account, or replace all of its details."""
    details = codec.accept(AccountDetails, request.json())
    account = save_account(details, account_id=request.account_id, accounts=wiring.accounts())
    return ok(views.of_account(account))
