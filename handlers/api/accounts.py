"""`/v1/account`: the signed-in person's own business."""

from domain.access import Scope
from domain.accounts import Account, AccountDetails, save_account, sign_up
from domain.errors import NotFoundError
from domain.versions import ChangedMeanwhileError
from handlers.api.answers import Answer, ok
from handlers.api.operations import Operation
from handlers.api.refusals import NoAccountYetError
from handlers.api.requests import Request
from infrastructure import codec, wiring
from infrastructure.views.accounts import AccountView, of_account


def show(request: Request) -> Answer:
    """Show the account; a person who signed in for the first time has one from here on."""
    account = sign_up(request.caller, accounts=wiring.accounts())
    return ok(of_account(account), version=account.version)


def save(request: Request) -> Answer:
    """Open the account, or replace all of its details."""
    details = codec.accept(AccountDetails, request.json())
    account = save_account(
        details,
        account_id=request.account_id,
        accounts=wiring.accounts(),
        numbers=wiring.register(),
        seen=request.seen,
    )
    return ok(of_account(account), version=account.version)


def own(request: Request) -> Account:
    """The caller's account, for what can only be done with one.

    Raises:
        NoAccountYetError: there is none, and the sign-in tells no address to open it with.
    """
    try:
        return sign_up(request.caller, accounts=wiring.accounts())
    except NotFoundError as error:
        raise NoAccountYetError("there is no account yet; set it up with PUT /v1/account") from error


OPERATIONS = (
    Operation(
        route="GET /v1/account",
        name="show_account",
        serve=show,
        summary="Show the account",
        gives=AccountView,
    ),
    Operation(
        route="PUT /v1/account",
        name="save_account",
        serve=save,
        summary="Open the account, or replace its details",
        needs=Scope.WRITE,
        takes=AccountDetails,
        gives=AccountView,
        matches=True,
        refuses=(ChangedMeanwhileError,),
    ),
)
