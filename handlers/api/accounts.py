"""`/v1/account`: the signed-in person's own business."""

from domain.access import Scope
from domain.accounts import AccountDetails, save_account
from domain.versions import ChangedMeanwhileError
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.requests import Request
from infrastructure import codec, views, wiring


def show(request: Request) -> Answer:
    account = wiring.accounts().get(account_id=request.account_id)
    return ok(views.of_account(account), version=account.version)


def save(request: Request) -> Answer:
    """Open the account, or replace all of its details."""
    details = codec.accept(AccountDetails, request.json())
    account = save_account(
        details, account_id=request.account_id, accounts=wiring.accounts(), seen=request.seen
    )
    return ok(views.of_account(account), version=account.version)


OPERATIONS = (
    Operation(
        route="GET /v1/account",
        serve=show,
        summary="Show the account",
        gives=views.AccountView,
    ),
    Operation(
        route="PUT /v1/account",
        serve=save,
        summary="Open the account, or replace its details",
        needs=Scope.WRITE,
        takes=AccountDetails,
        gives=views.AccountView,
        matches=True,
        refuses=(ChangedMeanwhileError,),
    ),
)
